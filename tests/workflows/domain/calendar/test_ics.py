from datetime import UTC, datetime, timedelta

import pytest
import recurring_ical_events
from icalendar import Calendar

from workflows.domain.calendar.ics import IcsRefused, bounded, read_ics
from workflows.domain.calendar.spans import Span

MARCH = Span(start_at=datetime(2026, 3, 5, tzinfo=UTC), end_at=datetime(2026, 3, 11, tzinfo=UTC))
NIGHT = """UID:night
DTSTART;TZID=America/New_York:20260301T220000
DTEND;TZID=America/New_York:20260302T060000
RRULE:FREQ=DAILY
SUMMARY:batch"""


def ics(*events):
    body = "".join(f"BEGIN:VEVENT\nDTSTAMP:20260101T000000Z\n{e}\nEND:VEVENT\n" for e in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{body}END:VCALENDAR\n"


def spans(text, within=MARCH, **more):
    found, whole = bounded(read_ics(text, **more).happenings(within), 100)
    assert whole
    return [(h.span.start_at, h.span.end_at) for h in found]


def at(day, hour=0, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_a_dtend_keeps_the_exact_length_of_every_occurrence():
    """RFC 5545 3.8.5.3: eight hours are eight hours, also in the night of seven."""
    assert {end - start for start, end in spans(ics(NIGHT))} == {timedelta(hours=8)}


def test_a_duration_keeps_days_on_the_wall_clock_and_hours_as_they_are():
    text = ics(
        "UID:d\nDTSTART;TZID=America/New_York:20260307T120000\nDURATION:P1DT1H\nRRULE:FREQ=DAILY;COUNT=2"
    )

    first, second = spans(text)

    assert first == (at(7, 17), at(8, 17))  # 23 hours of a day, and one more
    assert second == (at(8, 16), at(9, 17))


def test_exdate_takes_an_occurrence_out_and_rdate_adds_one():
    text = ics(f"{NIGHT}\nEXDATE;TZID=America/New_York:20260306T220000\nRDATE:20260308T150000Z")

    starts = [start for start, _ in spans(text)]

    assert at(7, 3) not in starts
    assert at(8, 15) in starts


def test_an_override_moves_one_occurrence_and_leaves_the_others():
    moved = """UID:night
RECURRENCE-ID;TZID=America/New_York:20260306T220000
DTSTART;TZID=America/New_York:20260306T200000
DTEND;TZID=America/New_York:20260306T210000"""

    found = spans(ics(NIGHT, moved))

    assert (at(7, 1), at(7, 2)) in found
    assert at(7, 3) not in [start for start, _ in found]
    assert at(6, 3) in [start for start, _ in found]


@pytest.mark.parametrize("said", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_what_is_cancelled_or_takes_no_time_bars_nothing(said):
    assert spans(ics(f"{NIGHT}\n{said}")) == []
    other = f"""UID:night
RECURRENCE-ID;TZID=America/New_York:20260306T220000
DTSTART;TZID=America/New_York:20260306T220000
DTEND;TZID=America/New_York:20260307T060000
{said}"""
    assert at(7, 3) not in [start for start, _ in spans(ics(NIGHT, other))]


def test_an_event_in_an_hour_that_does_not_exist_still_takes_its_hour():
    """The library by which events are found gives it no length at all."""
    text = ics(
        "UID:g\nDTSTART;TZID=America/New_York:20260307T023000\nDTEND;TZID=America/New_York:20260307T033000\nRRULE:FREQ=DAILY"
    )

    assert (at(8, 7, 30), at(8, 8, 30)) in spans(text)


def test_a_zone_that_the_calendar_describes_itself_is_known():
    zone = """BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0200
TZOFFSETTO:+0200
END:STANDARD
END:VTIMEZONE
"""
    text = ics("UID:o\nDTSTART;TZID=Office:20260306T090000\nDTEND;TZID=Office:20260306T100000")
    text = text.replace("BEGIN:VEVENT", f"{zone}BEGIN:VEVENT", 1)

    assert spans(text) == [(at(6, 7), at(6, 8))]


def test_whole_days_are_days_of_the_zone_that_the_calendar_counts():
    text = ics("UID:day\nDTSTART;VALUE=DATE:20260308\nSUMMARY:audit")

    assert spans(text, days_in="America/New_York") == [(at(8, 5), at(9, 4))]
    with pytest.raises(IcsRefused, match="line 7: DTSTART: a whole day of no zone"):
        read_ics(text)


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        (";TZID=America/New_York", "", "line 7: DTSTART: the time floats"),
        ("America/New_York", "Mars/Olympus", "line 7: DTSTART: TZID 'Mars/Olympus' is no zone"),
        ("FREQ=DAILY", "FREQ=SECONDLY", "line 9: RRULE: FREQ=SECONDLY is not one of"),
        ("FREQ=DAILY", "FREQ=NEVER", "line 9: RRULE: "),
        ("FREQ=DAILY", "FREQ=DAILY;UNTIL=20260601T000000", "line 9: RRULE: UNTIL must be in UTC"),
        ("UID:night", "X-NONE:1", "line 4: BEGIN: the event has no UID"),
        ("20260301T220000", "2026T22", "line 7: DTSTART: "),
        ("END:VCALENDAR", "", "line 1: is no iCalendar"),
        ("RRULE:", "RRULE", "is no iCalendar|RRULEFREQ"),
        (
            "UID:night",
            "UID:night\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260301T220000Z",
            "line 7: RECURRENCE-ID: RANGE=THISANDFUTURE is not read",
        ),
    ],
)
def test_what_is_another_calendar_for_another_reader_is_refused_with_its_line(was, now, why):
    with pytest.raises(IcsRefused, match=why):
        read_ics(ics(NIGHT).replace(was, now))


def test_no_text_is_no_calendar():
    for text in ("", "<html>sign in</html>", "BEGIN:VCALENDAR"):
        with pytest.raises(IcsRefused):
            read_ics(text)


def test_too_many_events_are_refused():
    many = ics(*[f"UID:{n}\nDTSTART:20260301T220000Z" for n in range(5001)])

    with pytest.raises(IcsRefused, match="has 5001 events"):
        read_ics(many)


def test_more_than_asked_for_is_said_to_be_more():
    found, whole = bounded(read_ics(ics(NIGHT)).happenings(MARCH), 3)

    assert len(found) == 3
    assert not whole


def test_starts_are_those_of_the_library_that_knows_every_rule():
    rules = ("FREQ=MONTHLY;BYDAY=-1FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "FREQ=YEARLY;COUNT=3")
    year = Span(start_at=datetime(2026, 1, 1, tzinfo=UTC), end_at=datetime(2028, 1, 1, tzinfo=UTC))
    for rule in rules:
        text = ics(NIGHT.replace("FREQ=DAILY", rule))
        between = recurring_ical_events.of(Calendar.from_ical(text)).between(
            year.start_at, year.end_at
        )

        assert [s for s, _ in spans(text, year)] == sorted(
            e.start.astimezone(UTC) for e in between
        )
