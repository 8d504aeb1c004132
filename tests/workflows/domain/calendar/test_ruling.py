from datetime import timedelta

import pytest

from tests.workflows.domain.calendar.calendars import (
    HERE,
    HOUR,
    NOON,
    a_freeze,
    a_window,
    an_allow,
    hour,
)
from workflows.domain.calendar.reach import FeedAsk
from workflows.domain.calendar.ruling import (
    rule_advance,
    rule_move,
    rule_slots,
    rule_start,
    simulate,
)
from workflows.domain.calendar.slots import Interval
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import (
    CalendarFacts,
    FeedReading,
    Granted,
    InFlight,
    Move,
)

NOTHING = CalendarFacts()


def a_timetable(*windows, lasts=2, environment="production", places=(HERE,), **interval):
    return Timetable(
        environment=environment,
        places=places,
        windows=windows,
        interval=Interval(lasts=lasts * HOUR, **interval),
        reserve=HOUR,
    )


def declared(*freezes):
    return CalendarFacts(freezes=freezes)


def test_where_nothing_bars_it_may_begin_now():
    ruling = rule_start(a_timetable(), NOTHING, NOON)

    assert ruling.open
    assert ruling.next_open == NOON
    assert ruling.slot.end_at == hour(2)
    assert (ruling.closed_by, ruling.next_close) == ((), None)
    assert str(ruling) == "start in production: open, 2h fit now"


def test_what_runs_into_a_window_waits_for_the_slot_after_it_and_says_why():
    ruling = rule_start(a_timetable(a_window((1, 3, "walk-through"))), NOTHING, NOON)

    assert not ruling.open
    assert ruling.next_open == ruling.ask_again_at == hour(3)
    assert [closure.window for closure in ruling.closed_by] == ["audit"]
    assert ruling.reason == (
        "2h fit from Mon 2026-11-23 15:00Z on; in the way: "
        "ChangeWindow audit until Mon 23 Nov 15:00Z: walk-through"
    )


def test_it_tells_when_it_closes_again():
    ruling = rule_start(a_timetable(an_allow((0, 6))), NOTHING, NOON)

    assert ruling.open
    assert ruling.next_close == hour(6)
    assert "outside ChangeWindow office" in ruling.next_close_reason


def test_an_environment_is_changed_as_a_whole():
    """A window over one of its services keeps all of them: they go one after the other."""
    other = HERE.model_copy(update={"service": "shop"})
    window = a_window((0, 3)).model_copy(
        update={"scope": a_window().scope.model_copy(update={"services": ("shop",)})}
    )

    both = rule_start(a_timetable(window, places=(HERE, other)), NOTHING, NOON)
    alone = rule_start(a_timetable(window, places=(HERE,)), NOTHING, NOON)

    assert both.next_open == hour(3)
    assert alone.open


def test_a_release_of_the_future_waits_for_its_own_time():
    ruling = rule_start(a_timetable(not_before=hour(5)), NOTHING, NOON)

    assert ruling.next_open == hour(5)
    assert "not before 2026-11-23 17:00Z" in ruling.reason


def test_what_cannot_be_over_by_the_deadline_is_too_late():
    ruling = rule_start(a_timetable(a_window((1, 4)), deadline=hour(5)), NOTHING, NOON)

    assert ruling.too_late
    assert ruling.next_open is None
    assert "fit nowhere by the deadline 2026-11-23 17:00Z; in the way: " in ruling.reason


def test_an_open_ruling_stands_until_the_interval_would_run_into_something():
    known = a_timetable(a_window((6, 7)), a_window((5, 6), moves=(Move.START,), name="x"))

    assert rule_start(known, NOTHING, NOON).open_until == hour(4)
    assert rule_start(a_timetable(deadline=hour(3)), NOTHING, NOON).open_until == hour(1)
    assert rule_start(a_timetable(), NOTHING, NOON).open_until is None
    assert rule_start(known, NOTHING, hour(4)).open
    assert not rule_start(known, NOTHING, hour(5)).open


def test_without_a_deadline_it_is_not_too_late_and_asked_again():
    ruling = rule_start(a_timetable(), declared(a_freeze(0, None)), NOON)

    assert not ruling.open
    assert not ruling.too_late
    assert ruling.next_open is None
    assert ruling.ask_again_at == hour(12)
    assert "nobody knows when" in ruling.reason


def test_where_there_is_a_feed_it_is_asked_again_each_hour():
    timetable = a_timetable(a_window((1, 9))).model_copy(
        update={"feeds": (FeedAsk(connection="vendor-x", max_age=HOUR),)}
    )

    assert rule_start(timetable, NOTHING, NOON).ask_again_at == hour(1)


def test_a_slot_with_soft_conflicts_names_a_cheaper_one():
    ruling = rule_start(a_timetable(a_window((1, 5), weight=3)), NOTHING, NOON)

    assert ruling.open
    assert ruling.slot.price == 3
    assert (ruling.cheaper.start_at, ruling.cheaper.price) == (hour(5), 0)


@pytest.mark.parametrize("way", list(InFlight))
def test_under_way_a_freeze_says_what_to_do_meanwhile(way):
    ruling = rule_advance(a_timetable(), declared(a_freeze(-1, 4, in_flight=way)), NOON)

    assert not ruling.open
    assert ruling.in_flight is way
    assert ruling.next_open == hour(4)
    assert ruling.closed_by[0].can_be_cleared_by == (
        "ana: lockgate freeze lift incident-7",
        "lockgate override, by 2",
    )


def test_under_way_what_comes_later_bars_not_yet():
    ruling = rule_advance(a_timetable(a_window((1, 3))), NOTHING, NOON)

    assert ruling.open
    assert ruling.next_close == hour(1)


def test_under_way_windows_that_touch_are_one_wait():
    ruling = rule_advance(a_timetable(a_window((-1, 2)), a_window((2, 4))), NOTHING, NOON)

    assert ruling.next_open == hour(4)


def test_under_way_after_the_deadline_nothing_goes_on():
    ruling = rule_advance(a_timetable(deadline=NOON), NOTHING, NOON)

    assert (ruling.open, ruling.too_late) == (False, True)
    assert "is over" in ruling.reason


def test_an_override_opens_for_its_time():
    granted = Granted(
        window="incident-7",
        by=("ana", "ben"),
        reason="the fix",
        granted_at=NOON,
        expires_at=hour(4),
        retrospective_by=hour(72),
    )

    ruling = rule_start(a_timetable(), declared(a_freeze(0, 9)), NOON, overrides=[granted])
    longer = rule_start(a_timetable(lasts=5), declared(a_freeze(0, 9)), NOON, overrides=[granted])

    assert ruling.open
    assert ruling.next_close == hour(4)
    assert longer.next_open == hour(9)


def test_approvals_are_barred_by_what_says_so():
    facts = declared(a_freeze(0, 2, moves=(Move.APPROVE,)), a_freeze(3, 4))

    closed = rule_move(Move.APPROVE, a_timetable(), facts, NOON)
    opened = rule_move(Move.APPROVE, a_timetable(), facts, hour(2))

    assert (closed.open, closed.next_open, closed.ask_again_at) == (False, hour(2), hour(2))
    assert (opened.open, opened.next_close) == (True, None)
    assert rule_move(Move.ADVANCE, a_timetable(), facts, NOON).open
    assert not rule_move(Move.START, a_timetable(), facts, hour(2)).open


def test_a_ruling_says_when_nobody_may_approve_until_it_is_made_anew():
    facts = declared(
        a_freeze(1, 2, moves=(Move.APPROVE,)),
        a_freeze(30, 40, moves=(Move.APPROVE,), name="later"),
    )

    ruling = rule_start(a_timetable(), facts, NOON)

    assert ruling.open
    assert [(c.window, c.start_at) for c in ruling.approvals_barred] == [("incident-7", hour(1))]


def test_the_slots_of_a_release_follow_one_another():
    """The reserve is for turning back: what goes well goes on without it."""
    ruling = rule_slots(
        [a_timetable(environment="staging"), a_timetable(a_window((2, 6)))], NOTHING, NOON
    )

    staging, production = ruling.environments
    assert (staging.slot.start_at, staging.slot.end_at) == (NOON, hour(2))
    assert production.at == hour(1)
    assert production.slot.start_at == hour(6)


def test_what_comes_after_no_slot_has_none_either():
    ruling = rule_slots(
        [a_timetable(environment="staging"), a_timetable()], declared(a_freeze(0, None)), NOON
    )

    assert [one.environment for one in ruling.environments] == ["staging"]


def test_a_feed_that_is_an_older_copy_is_a_warning():
    reading = FeedReading(connection="vendor-x", problem="the copy of 09:00; 503 since")

    ruling = rule_start(a_timetable(), CalendarFacts(feeds={"vendor-x": reading}), NOON)

    assert ruling.warnings == ("feed vendor-x: the copy of 09:00; 503 since",)


def test_the_days_ahead_are_simulated():
    days = simulate(a_timetable(a_window((10, 60))), NOTHING, NOON, 4)

    assert [day.slot is not None for day in days] == [True, False, True, True]
    assert days[1].day == NOON + timedelta(days=1)


def test_the_ruling_names_what_it_went_by():
    one = rule_start(a_timetable(), NOTHING, NOON)
    two = rule_start(a_timetable(a_window((1, 2))), declared(a_freeze(1, 2)), NOON)

    assert one.facts_digest != two.facts_digest
    assert one.rules_digest != two.rules_digest
