from datetime import timedelta

import pytest

from tests.workflows.domain.calendar.calendars import (
    AHEAD,
    HERE,
    NOON,
    a_freeze,
    a_span,
    a_window,
    an_allow,
    hour,
)
from workflows.domain.calendar.closures import Book, covering, strictest
from workflows.domain.calendar.recurrence import Recurrence
from workflows.domain.calendar.scope import Scope
from workflows.domain.calendar.windows import (
    CalendarFacts,
    FeedReading,
    Granted,
    InFlight,
    Move,
    OverrideRule,
)
from workflows.domain.values import digest_of


def closures(*windows, move=Move.ADVANCE, facts=None, overrides=(), place=HERE):
    book = Book(place, windows, facts or CalendarFacts(), AHEAD, overrides=overrides)
    return book.closures(move)


def hours(found):
    return [
        ((c.start_at - NOON) / timedelta(hours=1), (c.end_at - NOON) / timedelta(hours=1))
        for c in found
    ]


def set_aside(window, start, end):
    return Granted(
        window=window,
        by=("ana", "ben"),
        reason="a fix",
        granted_at=hour(start),
        expires_at=hour(end),
        retrospective_by=hour(99),
    )


def test_a_window_that_denies_bars_while_it_is_on():
    (found,) = closures(a_window((2, 5, "the auditor walks through"), in_flight=InFlight.HOLD))

    assert hours([found]) == [(2, 5)]
    assert found.reason == "the auditor walks through"
    assert str(found) == "ChangeWindow audit until Mon 23 Nov 17:00Z: the auditor walks through"


def test_windows_that_allow_bar_outside_of_all_of_them():
    found = closures(an_allow((1, 3)), an_allow((2, 6), name="evening"))

    assert hours(found)[:2] == [(0, 1), (6, 120 * 24)]
    assert found[0].window == "office or evening"
    assert found[-1].open_ended


def test_a_denial_wins_over_an_allowance():
    found = closures(an_allow((0, 120 * 24)), a_window((3, 4)))

    assert hours(found) == [(3, 4)]


def test_a_window_bars_what_it_lists_and_nothing_else():
    start_only = a_window((0, 5), moves=(Move.START,))

    assert closures(start_only) == []
    assert hours(closures(start_only, move=Move.START)) == [(0, 5)]


def test_a_window_of_another_place_bars_nothing():
    assert closures(a_window((0, 5), scope=Scope(regions=("us-east",)))) == []
    assert closures(an_allow((0, 5), labels={"compliance": "sox"})) == []


def test_freezes_are_windows_among_the_others():
    facts = CalendarFacts(freezes=(a_freeze(1, 3), a_freeze(2, None, name="stop-the-line")))

    found = closures(facts=facts)

    assert [c.window for c in found] == ["incident-7", "stop-the-line"]
    assert [c.open_ended for c in found] == [False, True]


def test_a_soft_window_bars_nothing_and_costs():
    campaign = a_window((2, 5, "half price"), weight=3)

    (soft,) = Book(HERE, [campaign], CalendarFacts(), AHEAD).soft()

    assert closures(campaign) == []
    assert (soft.window, soft.reason, soft.weight) == ("audit", "half price", 3)


def test_a_local_window_is_read_by_the_clock_of_the_place():
    office = a_window(name="lunch").model_copy(
        update={
            "recurrence": Recurrence(
                start=NOON.replace(tzinfo=None), lasts=timedelta(hours=1), zone="local"
            )
        }
    )

    (found,) = closures(office, place=HERE.model_copy(update={"zone": "America/New_York"}))

    assert hours([found]) == [(5, 6)]


def test_what_is_set_aside_is_open_until_that_expires_and_not_a_minute_longer():
    freeze = CalendarFacts(freezes=(a_freeze(0, 10),))

    assert hours(closures(facts=freeze, overrides=[set_aside("incident-7", 2, 6)])) == [
        (0, 2),
        (6, 10),
    ]
    assert hours(closures(facts=freeze, overrides=[set_aside("another", 2, 6)])) == [(0, 10)]


def test_to_set_an_allowance_aside_is_to_be_inside_of_it():
    assert hours(closures(an_allow((0, 1)), overrides=[set_aside("office", 3, 5)])) == [
        (1, 3),
        (5, 120 * 24),
    ]


def feed(**reading):
    window = a_window(name="vendor").model_copy(
        update={"feed": "vendor-x", "override": OverrideRule()}
    )
    facts = CalendarFacts(feeds={"vendor-x": FeedReading(connection="vendor-x", **reading)})
    return window, facts


def test_a_feed_that_cannot_be_had_is_not_open():
    window, facts = feed(problem="no answer in 10 s")

    (found,) = closures(window, facts=facts)
    (unread,) = closures(window)

    assert hours([found]) == [(0, 120 * 24)]
    assert found.open_ended
    assert "vendor-x cannot be had (no answer in 10 s)" in found.reason
    assert "it was not read" in unread.reason


def test_what_a_feed_says_is_gone_by_for_as_long_as_it_is_known():
    window, facts = feed(digest=digest_of(""), spans=(a_span(2, 3),), known_until=hour(48))

    found = closures(window, facts=facts)

    assert hours(found) == [(2, 3), (48, 120 * 24)]
    assert "nothing is known of vendor from 2026-11-25 on" in found[-1].reason


def test_the_unknown_may_be_set_aside_as_well():
    window, facts = feed(problem="gone")

    found = closures(window, facts=facts, overrides=[set_aside("vendor", 0, 4)])

    assert hours(found) == [(4, 120 * 24)]


def test_a_feed_that_allows_and_cannot_be_had_allows_nothing_and_says_why():
    window, facts = feed(problem="gone")

    (found,) = closures(an_allow(name="vendor", feed="vendor-x"), facts=facts)

    assert window.feed == "vendor-x"
    assert hours([found]) == [(0, 120 * 24)]
    assert "cannot be had (gone)" in found.reason


@pytest.mark.parametrize(
    ("ways", "most"),
    [
        ((), InFlight.COMPLETE),
        ((InFlight.HOLD, InFlight.COMPLETE), InFlight.HOLD),
        ((InFlight.HOLD, InFlight.UNWIND, InFlight.COMPLETE), InFlight.UNWIND),
    ],
)
def test_of_several_the_strictest_counts(ways, most):
    windows = [a_window((0, 1), name=f"w{n}", in_flight=way) for n, way in enumerate(ways)]

    assert strictest(covering(closures(*windows), NOON)) is most
