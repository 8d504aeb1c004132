"""Five fields, and the times that a clock jumps over."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.calendar.wall import zone_of
from workflows.domain.cron import Cron, parse_cron, skipped

LONG_AGO = date(2019, 1, 1)
"""What a clock did then, no parliament changes any more."""


@pytest.mark.parametrize(
    ("written", "shortest"),
    [
        ("30 2 * * 1-5", "30 2 * * 1-5"),
        ("*/15 * * * *", "*/15 * * * *"),
        ("0 */6 * * *", "0 */6 * * *"),
        ("0,5,10 6-8,20 1,15 jan-mar *", "0,5,10 6-8,20 1,15 1-3 *"),
        ("0 0 * * Sun", "0 0 * * 0"),
        ("0 0 * * 7,MON", "0 0 * * 0-1"),
        ("10/20 1 * * *", "10,30,50 1 * * *"),
        ("0-30/10 1 * * *", "0,10,20,30 1 * * *"),
    ],
)
def test_what_is_written_is_read_and_written_again(written, shortest):
    assert str(parse_cron(written)) == shortest


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("@daily", "has 1 fields; expected five"),
        ("30 2 * *", "has 4 fields"),
        ("60 2 * * *", "minute '60': expected 0 to 59"),
        ("0 24 * * *", "hour '24': expected 0 to 23"),
        ("0 0 0 * *", "day of the month '0': expected 1 to 31"),
        ("0 0 * 13 *", "month '13': expected 1 to 12"),
        ("0 0 * * 8", "day of the week '8': expected 0 to 6"),
        ("0 0 * * fr", "day of the week 'fr'"),
        ("0 22-2 * * *", "hour '22-2' ends before it begins"),
        ("*/0 * * * *", "minute '*/0': the step is no number"),
        ("*/x * * * *", "minute '*/x': the step is no number"),
        ("0 -1 * * *", "hour ''"),
        ("٣ 2 * * *", "minute '٣'"),
        ("0 0 31 4,6 *", "never comes"),
        ("0 0 13 * 5", "limits the day of the month and that of the week"),
    ],
)
def test_what_is_wrong_is_named_with_what_may_be(written, problem):
    with pytest.raises(ValueError, match=problem.replace("*", r"\*")):
        parse_cron(written)


def test_the_29th_of_february_does_come():
    assert parse_cron("0 0 29 2 *").on(date(2028, 2, 29))


def some(low, high):
    return st.sets(st.integers(low, high), min_size=1).map(lambda found: tuple(sorted(found)))


@given(
    st.builds(
        Cron,
        minutes=some(0, 59),
        hours=some(0, 23),
        months=some(1, 12),
        days=st.just(tuple(range(1, 32))),
        weekdays=some(0, 6),
    )
)
def test_each_one_is_read_back_as_itself(cron):
    assert parse_cron(str(cron)) == cron


@pytest.mark.parametrize(
    ("cron", "zone", "first"),
    [
        ("30 1 * * *", "Europe/Dublin", "2019-03-31 01:30"),  # does not exist
        ("30 2 * * *", "Europe/Berlin", "2019-03-31 02:30"),
        ("0 0 * * *", "America/Havana", "2019-03-10 00:00"),
        ("30 2 * * *", "America/New_York", "2019-03-10 02:30"),
    ],
)
def test_a_time_that_does_not_exist_is_found(cron, zone, first):
    at = next(skipped(parse_cron(cron), zone_of(zone), since=LONG_AGO))

    assert f"{at:%Y-%m-%d %H:%M}" == first


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("30 2 * * *", "Europe/Dublin"),
        ("30 1 * * *", "UTC"),
        ("30 1 * * *", "Asia/Kolkata"),
        ("30 1 * * 1-5", "Europe/Dublin"),  # the clock is set on Sundays
        ("30 1 * 10-12 *", "Europe/Dublin"),  # comes twice in autumn
    ],
)
def test_a_time_that_always_comes_is_fine(cron, zone):
    assert list(skipped(parse_cron(cron), zone_of(zone), since=LONG_AGO)) == []
