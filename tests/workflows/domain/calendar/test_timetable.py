from datetime import timedelta

import pytest

from tests.builders import a_catalog, a_release, a_service, an_order
from tests.workflows.domain.calendar.calendars import NOON
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.timetable import expanded
from workflows.domain.calendar.windows import CalendarFacts, InFlight, Move, OverrideRule
from workflows.domain.errors import PolicyViolated

YEAR_END = {
    "reason": "the books are closed",
    "dtstart": "TZID=America/New_York:20261214T000000",
    "dtend": "TZID=America/New_York:20270104T060000",
}
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:walk
DTSTAMP:20260101T000000Z
DTSTART:20261201T090000Z
DTEND:20261201T120000Z
SUMMARY:audit walk-through
END:VEVENT
END:VCALENDAR
"""


def admitted(*, windows=None, calendars=None, files=None, release=None, **catalog):
    beside = {
        **a_catalog(**catalog),
        "changeWindows": windows or {},
        "calendars": calendars or {},
        "files": files or {},
    }
    return admit(an_order(release, beside), Facts(at=NOON, calendar=CalendarFacts()))


def test_each_stage_has_the_windows_it_lies_in():
    release = a_release(environments=("staging", "production"))
    windows = {
        "year-end": {**YEAR_END, "scope": {"environments": ["production"]}},
        "all": YEAR_END,
    }

    staging, production = admitted(windows=windows, release=release).timetables

    assert [w.name for w in staging.windows] == ["all"]
    assert [w.name for w in production.windows] == ["all", "year-end"]


def test_a_place_is_what_the_environment_the_owner_and_the_release_say():
    release = a_release()
    release["metadata"]["labels"] = {"compliance": "sox"}
    scope = {"org": "acme", "region": "eu-west", "team": "ops", "timeZone": "Europe/Dublin"}

    (timetable,) = admitted(release=release, environment={"scope": scope}).timetables
    (place,) = timetable.places

    assert (place.org, place.region, place.teams) == ("acme", "eu-west", ("team-shop", "ops"))
    assert (place.zone, place.labels) == ("Europe/Dublin", {"compliance": "sox"})


def test_a_window_is_compiled_with_its_terms():
    written = {
        **YEAR_END,
        "actions": ["start", "approve"],
        "inFlight": "unwind",
        "selector": {"matchLabels": {"compliance": "sox"}},
        "override": {"approvers": 3, "roles": ["sre"], "maxDuration": "1h", "retrospective": "1d"},
    }
    release = a_release()
    release["metadata"]["labels"] = {"compliance": "sox"}

    (timetable,) = admitted(windows={"year-end": written}, release=release).timetables
    (window,) = timetable.windows

    assert window.source == "ChangeWindow year-end"
    assert window.moves == (Move.START, Move.APPROVE)
    assert window.in_flight is InFlight.UNWIND
    assert window.override == OverrideRule(
        approvers=3,
        roles=("sre",),
        max_duration=timedelta(hours=1),
        retrospective=timedelta(days=1),
    )


def test_a_release_without_the_labels_is_not_picked():
    written = {**YEAR_END, "selector": {"matchLabels": {"compliance": "sox"}}}

    assert admitted(windows={"year-end": written}).timetables[0].windows == ()


def test_a_calendar_is_its_events_or_its_closes():
    fiscal = {"yearEnd": {"month": 1, "weekday": "SA"}}
    calendars = {
        "audits": {"ics": "audits.ics", "weight": 5},
        "books": {"fiscal": fiscal, "timeZone": "America/New_York"},
    }

    (timetable,) = admitted(calendars=calendars, files={"audits.ics": ICS}).timetables
    audits, books = timetable.windows

    assert [span.summary for span in audits.spans] == ["audit walk-through"]
    assert audits.weight == 5
    assert books.spans[0].summary == "FY2027 Q4 close"
    assert books.known_until == NOON + timedelta(days=400)


def test_a_feed_is_asked_for_with_its_terms():
    feed = {"feed": {"connection": "vendor-x", "maxAge": "2h"}, "timeZone": "UTC"}

    (timetable,) = admitted(calendars={"vendor": feed}).timetables

    assert [w.feed for w in timetable.windows] == ["vendor-x"]
    assert [(f.connection, f.max_age, f.days_in) for f in timetable.feeds] == [
        ("vendor-x", timedelta(hours=2), "UTC")
    ]


def test_what_has_to_fit_is_the_stage_and_the_reserve():
    release = a_release()
    release["spec"]["schedule"] = {
        "notBefore": "2026-12-01T09:00:00Z",
        "deadline": "2026-12-08T16:00:00Z",
        "rollbackReserve": "45m",
    }

    (timetable,) = admitted(release=release).timetables

    interval = timetable.interval
    assert timetable.reserve == timedelta(minutes=45)
    assert interval.lasts == timedelta(minutes=45 + 60 + 5 + 3)
    assert interval.not_before < interval.deadline


def test_one_service_of_several_has_the_windows_of_its_own():
    release = a_release(a_service("checkout"), a_service("payments"))
    windows = {"pay": {**YEAR_END, "scope": {"services": ["payments"]}}}

    (timetable,) = admitted(windows=windows, release=release).timetables

    assert [w.name for w in timetable.of("payments").windows] == ["pay"]
    assert timetable.of("checkout").windows == ()


@pytest.mark.parametrize(
    ("windows", "calendars", "files", "why"),
    [
        ({}, {"a": {"ics": "a.ics"}}, {}, "its file 'a.ics' is not in the catalog"),
        ({}, {"a": {"ics": "a.ics"}}, {"a.ics": "no"}, "a.ics line 1: is no iCalendar"),
        (
            {"l": {"dtstart": "2026-12-01T09:00", "duration": "1h", "tz": "local"}},
            {},
            {},
            "ChangeWindow l in environment 'production': its `tz` is local",
        ),
    ],
)
def test_windows_that_cannot_be_gone_by_are_refused(windows, calendars, files, why):
    with pytest.raises(PolicyViolated, match=why):
        admitted(windows=windows, calendars=calendars, files=files)


def test_the_digest_that_is_approved_is_not_of_the_day():
    beside = {**a_catalog(), "changeWindows": {"year-end": YEAR_END}}
    days = [Facts(at=NOON + n * timedelta(days=1), calendar=CalendarFacts()) for n in (0, 30)]

    today, later = (admit(an_order(None, beside), facts) for facts in days)

    assert today.decision_digest == later.decision_digest
    assert today.slot != later.slot


def test_a_calendar_with_too_many_events_says_so():
    many = ICS.replace("SUMMARY", "RRULE:FREQ=DAILY\nSUMMARY")

    spans, whole = expanded(many, None, Span(start_at=NOON, end_at=NOON + timedelta(days=4000)))

    assert len(spans) == 2000
    assert not whole
