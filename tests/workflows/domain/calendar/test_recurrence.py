from datetime import UTC, datetime, timedelta

import pytest

from workflows.domain.calendar.recurrence import check_rule_text, read_recurrence
from workflows.domain.calendar.spans import Span

WEEK = Span(start_at=datetime(2026, 3, 5, tzinfo=UTC), end_at=datetime(2026, 3, 12, tzinfo=UTC))
START = "TZID=America/New_York:20260302T220000"


def read(dtstart=START, *, dtend=None, lasts=timedelta(hours=8), rule="FREQ=DAILY", tz=None):
    return read_recurrence(dtstart, dtend=dtend, lasts=lasts, rule=rule, tz=tz)


def test_an_occurrence_that_has_begun_before_is_found():
    first, *_ = read().occurrences(WEEK)

    assert first.start_at == datetime(2026, 3, 5, 3, tzinfo=UTC)
    assert list(read(rule=None).occurrences(WEEK)) == []


def test_until_is_a_moment_and_the_occurrence_at_it_is_the_last():
    rule = "FREQ=DAILY;UNTIL=20260307T030000Z"  # 22:00 of the 6th

    assert [s.start_at.day for s in read(rule=rule).occurrences(WEEK)] == [5, 6, 7]


def test_a_count_counts_from_the_start():
    assert [s.start_at.day for s in read(rule="FREQ=DAILY;COUNT=4").occurrences(WEEK)] == [5, 6]


def test_a_local_window_is_another_moment_in_each_environment():
    office = read("2026-03-02T09:00", tz="local", rule="FREQ=WEEKLY;BYDAY=MO")

    (dublin,) = office.occurrences(WEEK, "Europe/Dublin")
    (tokyo,) = office.occurrences(WEEK, "Asia/Tokyo")

    assert (dublin.start_at.hour, tokyo.start_at.hour) == (9, 0)
    with pytest.raises(ValueError, match=r"no scope\.timeZone"):
        list(office.occurrences(WEEK))


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"lasts": None}, "give dtend or duration"),
        ({"dtend": "TZID=America/New_York:20260303T060000"}, "only one of them"),
        ({"lasts": None, "dtend": START}, "at or before its start"),
        ({"lasts": None, "dtend": "20260303T060000Z"}, "write both in one zone"),
        ({"rule": "FREQ=WEEKLY;BYDAY=TU"}, "first one is 2026-03-03"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "never comes"),
    ],
)
def test_what_makes_no_window_is_refused(written, why):
    with pytest.raises(ValueError, match=why):
        read(**written)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("every day", "not a part of an RRULE"),
        ("FREQ=MINUTELY", "is not one of DAILY"),
        ("BYDAY=MO", "FREQ=None"),
        ("FREQ=DAILY;UNTIL=20261231", "must be in UTC"),
        ("FREQ=DAILY;BYDAY=XX", "no RRULE"),
        ("FREQ=DAILY;COLOUR=2", "no RRULE"),
    ],
)
def test_a_rule_is_one_of_rfc_5545(rule, why):
    with pytest.raises(ValueError, match=why):
        check_rule_text(rule)


def test_a_rule_that_began_too_long_ago_is_not_counted_to_its_end():
    ancient = read("TZID=America/New_York:19000101T220000")

    with pytest.raises(ValueError, match="more than 20000 occurrences"):
        list(ancient.occurrences(WEEK))
