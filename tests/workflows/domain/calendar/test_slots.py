from datetime import timedelta

from tests.workflows.domain.calendar.calendars import AHEAD, HERE, HOUR, NOON, a_window, hour
from workflows.domain.calendar.closures import Book
from workflows.domain.calendar.slots import (
    Closings,
    Interval,
    cheapest_slot,
    days,
    earliest_slot,
    next_close,
)
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.windows import CalendarFacts, Move


def closings(*windows):
    book = Book(HERE, windows, CalendarFacts(), AHEAD)
    return Closings(
        start=tuple(book.closures(Move.START)),
        advance=tuple(book.closures(Move.ADVANCE)),
        soft=tuple(book.soft()),
    )


def earliest(known, lasts=2, at=0, **more):
    return earliest_slot(known, Interval(lasts=lasts * HOUR, **more), hour(at), AHEAD.end_at)


def test_the_whole_interval_must_fit_and_not_its_start_alone():
    slot, bar = earliest(closings(a_window((1, 3))))

    assert (slot.start_at, slot.end_at) == (hour(3), hour(5))
    assert bar.window == "audit"


def test_an_interval_may_end_where_a_closure_begins_and_begin_where_one_ends():
    assert earliest(closings(a_window((2, 3))))[0].start_at == hour(0)
    assert earliest(closings(a_window((-5, 0))))[0].start_at == hour(0)


def test_a_gap_that_is_too_short_is_passed_over():
    known = closings(a_window((0, 1)), a_window((2, 4), name="drill"), a_window((3, 6), name="x"))

    slot, bar = earliest(known)

    assert slot.start_at == hour(6)
    assert bar.window == "audit"


def test_what_bars_the_start_alone_does_not_bar_what_goes_on():
    known = closings(a_window((1, 5), moves=(Move.START,)))

    assert earliest(known)[0].start_at == hour(0)
    assert earliest(known, at=2)[0].start_at == hour(5)


def test_it_begins_no_earlier_and_is_over_no_later_than_the_release_says():
    known = closings(a_window((3, 4)))

    assert earliest(known, not_before=hour(2))[0].start_at == hour(4)
    assert earliest(known, not_before=hour(2), deadline=hour(6))[0] is not None
    assert earliest(known, not_before=hour(2), deadline=hour(5))[0] is None


def test_without_any_slot_the_event_in_the_way_is_named():
    slot, bar = earliest(closings(a_window((0, 24 * 121))))

    assert slot is None
    assert bar.window == "audit"


def test_soft_conflicts_are_priced_by_the_hours_in_them():
    slot, _ = earliest(
        closings(a_window((1, 5), weight=3), a_window((0, 1), name="b", weight=0.5))
    )

    assert [(c.window, c.hours, c.price) for c in slot.conflicts] == [
        ("b", 1, 0.5),
        ("audit", 1, 3),
    ]
    assert slot.price == 3.5


def test_the_cheapest_slot_lies_just_before_or_just_after_what_costs():
    known = closings(a_window((1, 5), weight=3), a_window((0, 1)), a_window((6, 40), name="x"))

    slot = cheapest_slot(known, Interval(lasts=2 * HOUR), NOON, hour(30))
    later = cheapest_slot(known, Interval(lasts=2 * HOUR), NOON, hour(50))

    assert (slot.start_at, slot.price) == (hour(4), 3)
    assert (later.start_at, later.price) == (hour(40), 0)


def test_what_closes_next_is_what_begins_first():
    known = closings(a_window((4, 5)), a_window((2, 3), name="drill"))

    assert next_close(known, NOON).window == "drill"
    assert next_close(known, hour(4)) is None


def test_each_day_says_when_it_could_begin_or_what_bars_it():
    known = closings(a_window((10, 40)))
    first = Span(start_at=NOON, end_at=hour(24))

    today, tomorrow, after = days(known, Interval(lasts=timedelta(hours=12)), first, 3)

    assert (today.slot, today.blocked_by.window) == (None, "audit")
    assert tomorrow.slot.start_at == hour(40)
    assert after.slot.start_at == hour(48)
