"""Openings and slots against a simulator that looks at every minute, in 20 zones, over jumps."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.domain.calendar.minutes import DAY, MINUTE, Daily, clock_of, first_fit, noon
from workflows.domain.calendar.closures import Book
from workflows.domain.calendar.recurrence import Recurrence
from workflows.domain.calendar.scope import Place
from workflows.domain.calendar.slots import Closings, Interval, blocking, earliest_slot
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.windows import CalendarFacts, Move, WindowKind, WindowRule

JUMPS = (
    ("Europe/Dublin", date(2026, 3, 29)),
    ("Europe/Dublin", date(2026, 10, 25)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Los_Angeles", date(2026, 11, 1)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("America/Santiago", date(2026, 4, 5)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Sao_Paulo", date(2026, 11, 1)),
    ("Atlantic/Azores", date(2026, 3, 29)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Jerusalem", date(2026, 10, 25)),
    ("Asia/Kathmandu", date(2026, 5, 1)),
    ("Asia/Kolkata", date(2026, 5, 1)),
    ("Asia/Tokyo", date(2026, 5, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Sydney", date(2026, 10, 4)),
    ("Pacific/Chatham", date(2026, 4, 5)),
    ("Pacific/Auckland", date(2026, 9, 27)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("Antarctica/Troll", date(2026, 10, 25)),
)
HERE = Place(service="pay", environment="production")
RRULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
lengths = st.integers(1, 4 * 30).map(lambda n: n * timedelta(minutes=15))
weekdays = st.sets(st.integers(0, 6), min_size=1)


def dailies(zone):
    return st.builds(Daily, st.just(zone), quarters, lengths, weekdays.map(frozenset))


@st.composite
def scenes(draw):
    """A jump of a clock, windows around it, some of another zone, and an interval to fit."""
    zone, day = draw(st.sampled_from(JUMPS))
    other, _ = draw(st.sampled_from(JUMPS))
    zones = st.sampled_from([zone, zone, other])
    denies = draw(st.lists(zones.flatmap(dailies), max_size=3))
    allows = draw(st.lists(zones.flatmap(dailies), max_size=2))
    lasts = draw(st.integers(0, 40).map(lambda n: n * timedelta(minutes=25)))
    at = noon(day) - DAY + draw(st.integers(0, 30)) * timedelta(minutes=37)
    return day, denies, allows, lasts, at


def as_rule(daily, kind, day, number):
    """The window as people would write it, from a week before."""
    begins = next(
        d for d in (day - timedelta(days=7 - n) for n in range(7)) if d.weekday() in daily.weekdays
    )
    return WindowRule(
        name=f"{kind.value.lower()}-{number}",
        source=f"ChangeWindow {kind.value.lower()}-{number}",
        kind=kind,
        recurrence=Recurrence(
            start=datetime.combine(begins, daily.begins),
            lasts=daily.lasts,
            zone=daily.zone,
            rule=f"FREQ=WEEKLY;BYDAY={','.join(RRULE_DAYS[d] for d in sorted(daily.weekdays))}",
        ),
    )


def simulated(day, denies, allows):
    """Every minute of the days around *day* in which nothing may go."""
    days = [day + n * DAY for n in range(-3, 4)]
    begins = noon(day) - 5 * DAY

    def on(dailies):
        clocks = {daily.zone: clock_of(daily.zone, begins, 12) for daily in dailies}
        return set().union(*(d.minutes(clocks[d.zone], days) for d in dailies))

    denied, allowed = on(denies), on(allows)
    return lambda minute: minute in denied or bool(allows and minute not in allowed)


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_each_minute_is_open_or_closed_as_the_simulator_says_and_the_slot_is_its_first(scene):
    day, denies, allows, lasts, at = scene
    rules = [as_rule(d, WindowKind.DENY, day, n) for n, d in enumerate(denies)]
    rules += [as_rule(d, WindowKind.ALLOW, day, n) for n, d in enumerate(allows)]
    within = Span(start_at=at, end_at=noon(day) + 2 * DAY)
    book = Book(HERE, rules, CalendarFacts(), within)
    closings = Closings(
        start=tuple(book.closures(Move.START)), advance=tuple(book.closures(Move.ADVANCE))
    )

    closed = simulated(day, denies, allows)
    minutes = [at + n * MINUTE for n in range(int((within.end_at - at) / MINUTE))]
    for minute in minutes[::7]:
        assert (blocking(closings, minute, timedelta(0)) is not None) == closed(minute), minute

    slot, bar = earliest_slot(closings, Interval(lasts=lasts), at, within.end_at - lasts)
    expected = first_fit(minutes, closed, lasts)
    assert (slot.start_at if slot else None) == expected
    assert (bar is None) == (expected == at)


@pytest.mark.parametrize(("zone", "day"), JUMPS, ids=str)
def test_the_boundaries_of_a_night_are_half_open_in_every_zone(zone, day):
    """The last minute of 22:00 to 06:00 is closed and 06:00 is open, also where clocks jump."""
    night = Recurrence(
        start=datetime(2026, 1, 1, 22), lasts=timedelta(hours=8), zone=zone, rule="FREQ=DAILY"
    )
    clock = clock_of(zone, noon(day) - 5 * DAY, 12)
    nights = night.occurrences(Span(start_at=noon(day) - 3 * DAY, end_at=noon(day) + 2 * DAY))

    for span in nights:
        evening = span.start_at.astimezone(night.zone_for(None)).date()
        assert span.start_at == clock.means(datetime.combine(evening, time(22)))
        assert span.end_at == clock.means(datetime.combine(evening + DAY, time(6)))
        assert span.covers(span.start_at)
        assert span.covers(span.end_at - MINUTE)
        assert not span.covers(span.end_at)


def test_there_are_twenty_zones():
    assert len({zone for zone, _ in JUMPS}) >= 20
