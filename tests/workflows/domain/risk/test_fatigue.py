from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.risk.fatigue import on_call_of

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(*pages, zone="UTC", since=None):
    return on_call_of("ledger", pages, at=NOON, zone=zone, since=since)


def test_pages_count_in_the_last_day_and_in_the_last_three():
    found = told(NOON - HOUR, NOON - 23 * HOUR, NOON - 30 * HOUR, NOON - 73 * HOUR)

    assert (found.pages_24h, found.pages_72h) == (2, 3)


def test_the_window_is_half_open():
    """A page of exactly 24 hours ago is of the day before; one of now is of today."""
    found = told(NOON, NOON - 24 * HOUR, NOON - 72 * HOUR)

    assert (found.pages_24h, found.pages_72h) == (1, 2)


def test_two_pages_of_one_night_wake_once_even_across_midnight():
    assert told(NOON - 12.5 * HOUR, NOON - 8 * HOUR).nights_woken == 1


def test_a_page_by_day_wakes_nobody():
    assert told(NOON - 3 * HOUR).nights_woken == 0


def test_night_is_where_those_on_call_sleep():
    """20:00 in London is 05:00 in Tokyo."""
    evening = NOON - 16 * HOUR

    assert told(evening).nights_woken == 0
    assert told(evening, zone="Asia/Tokyo").nights_woken == 1


def test_the_bounds_of_the_night():
    """From 23:00, and no longer at 07:00."""
    assert told(NOON - 13 * HOUR).nights_woken == 1
    assert told(NOON - 13 * HOUR - timedelta(seconds=1)).nights_woken == 0
    assert told(NOON - 5 * HOUR).nights_woken == 0


def test_when_the_shift_began_is_kept_and_unknown_without_a_schedule():
    assert told(since=NOON - 6 * HOUR).on_since == NOON - 6 * HOUR
    assert told().on_since is None


@given(st.lists(st.integers(0, 100)), st.integers(0, 71))
def test_one_more_page_never_makes_anybody_fresher(hours, more):
    before = told(*(NOON - h * HOUR for h in hours))
    later = told(*(NOON - h * HOUR for h in [*hours, more]))

    assert later.pages_24h >= before.pages_24h
    assert later.pages_72h > before.pages_72h
    assert later.nights_woken >= before.nights_woken
