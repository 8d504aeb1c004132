from datetime import UTC, datetime, timedelta

import pytest

from workflows.domain.calendar.wall import check_written, ends_at, moment, read_wall, zone_of

DUBLIN = zone_of("Europe/Dublin")
NEW_YORK = zone_of("America/New_York")


@pytest.mark.parametrize(
    ("text", "tz", "wall", "zone"),
    [
        (
            "TZID=America/New_York:20261214T000000",
            None,
            datetime(2026, 12, 14),
            "America/New_York",
        ),
        ("20261214T093000Z", None, datetime(2026, 12, 14, 9, 30), "UTC"),
        ("2026-12-14T09:30:00Z", None, datetime(2026, 12, 14, 9, 30), "UTC"),
        ("2026-12-14T09:30", "Europe/Dublin", datetime(2026, 12, 14, 9, 30), "Europe/Dublin"),
        ("2026-12-14 09:30", "local", datetime(2026, 12, 14, 9, 30), "local"),
    ],
)
def test_times_are_read_with_their_zone(text, tz, wall, zone):
    assert read_wall(text, tz) == (wall, zone)


@pytest.mark.parametrize(
    ("text", "tz", "why"),
    [
        ("2026-12-14T09:30", None, "floats"),
        ("next Tuesday", "UTC", "is not a time such as"),
        ("TZID=Mars/Olympus:20261214T000000", None, "no time zone of the IANA database"),
        ("TZID=Europe/Dublin:20261214T000000Z", None, "keep one of them"),
        ("TZID=Europe/Dublin:20261214T000000", "UTC", "another zone than `tz`"),
        ("20261314T000000Z", None, "no day or hour"),
    ],
)
def test_what_says_no_moment_is_refused(text, tz, why):
    with pytest.raises(ValueError, match=why):
        read_wall(text, tz)


def test_a_time_that_does_not_exist_is_read_with_the_offset_from_before():
    """02:30 on the day New York jumps from 02:00 to 03:00 is 03:30 of the new time."""
    assert moment(datetime(2026, 3, 8, 2, 30), NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first():
    assert moment(datetime(2026, 10, 25, 1, 30), DUBLIN) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 3, 7, 22), datetime(2026, 3, 8, 10, tzinfo=UTC)),  # a night of 7 hours
        (datetime(2026, 10, 31, 22), datetime(2026, 11, 1, 11, tzinfo=UTC)),  # one of 9
        (datetime(2026, 6, 1, 22), datetime(2026, 6, 2, 10, tzinfo=UTC)),
    ],
)
def test_a_night_ends_by_the_wall_clock(start, end):
    assert ends_at(start, timedelta(hours=8), NEW_YORK) == end


def test_what_lies_in_an_hour_that_does_not_exist_lasts_as_long_as_is_written():
    start = datetime(2026, 3, 8, 2, 30)

    assert ends_at(start, timedelta(hours=1), NEW_YORK) == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)


def test_a_written_time_is_checked_before_its_zone_is_known():
    assert check_written("2026-12-14T09:30") == "2026-12-14T09:30"
    with pytest.raises(ValueError, match="IANA"):
        check_written("TZID=Mars/Olympus:20261214T000000")
