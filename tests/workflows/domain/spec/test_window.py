import pytest
from pydantic import ValidationError

from workflows.domain.spec.window import (
    CalendarSpec,
    ChangeWindowSpec,
    EnvironmentScope,
    ScheduleSpec,
)

DAILY = {"dtstart": "2026-12-01T22:00", "duration": "8h", "tz": "Europe/Dublin"}


def read(model, **written):
    return model.model_validate(written, by_alias=True, by_name=False)


def test_a_window_denies_the_start_and_each_step_unless_it_says_otherwise():
    window = read(ChangeWindowSpec, **DAILY)

    assert (window.kind, window.actions, window.in_flight) == (
        "Deny",
        ("start", "advance"),
        "complete",
    )
    assert window.recurrence.rule is None


@pytest.mark.parametrize("move", ["rollback", "reconcile", "abort"])
def test_the_way_back_can_never_be_frozen(move):
    with pytest.raises(ValidationError, match=f"{move} can never be frozen"):
        read(ChangeWindowSpec, **DAILY, actions=["start", move])


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"rrule": "FREQ=SOMETIMES"}, "is not one of DAILY"),
        ({"tz": "Mars/Olympus"}, "no time zone of the IANA database"),
        ({"tz": None}, "floats"),
        ({"dtend": "2026-12-01T23:00"}, "only one of them"),
        ({"actions": []}, "at least 1 item"),
        ({"override": {"approvers": 1}}, "greater than or equal to 2"),
        ({"kind": "Allow", "weight": 3}, "only a Deny has one"),
        ({"unkown": 1}, "Extra inputs"),
    ],
)
def test_what_makes_no_window_is_refused(written, why):
    with pytest.raises(ValidationError, match=why):
        read(ChangeWindowSpec, **{**DAILY, **written})


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({}, "found none"),
        ({"ics": "a.ics", "feed": {"connection": "x"}}, "found ics, feed"),
        ({"fiscal": {"yearEnd": {"month": 1, "weekday": "SA"}}}, "whose days"),
        ({"ics": "../a.ics"}, "ics"),
    ],
)
def test_a_calendar_has_one_source(written, why):
    with pytest.raises(ValidationError, match=why):
        read(CalendarSpec, **written)


def test_a_deadline_is_after_the_beginning():
    with pytest.raises(ValidationError, match="is not after notBefore"):
        read(ScheduleSpec, notBefore="2026-12-01T00:00:00Z", deadline="2026-12-01T00:00:00Z")


def test_an_environment_lies_in_a_zone_that_there_is():
    with pytest.raises(ValidationError, match="IANA"):
        read(EnvironmentScope, timeZone="local")
