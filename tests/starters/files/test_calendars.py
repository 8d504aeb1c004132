from pathlib import Path

import pytest

from starters.files.catalog import catalog_of, read_catalog

AUDITS = """\
apiVersion: lockgate.dev/v1alpha1
kind: Calendar
metadata: {name: audits}
spec: {ics: audits.ics}
---
apiVersion: lockgate.dev/v1alpha1
kind: ChangeWindow
metadata: {name: nights}
spec:
  dtstart: 2026-12-01T22:00
  duration: 8h
  rrule: FREQ=DAILY
  tz: Europe/Dublin
"""
ICS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:walk
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Dublin:20261201T090000
DTEND;TZID=Europe/Dublin:20261201T120000
RRULE:FREQ=YEARLY
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def calendars(shop):
    Path("catalog/calendars.yaml").write_text(AUDITS, encoding="utf-8")
    Path("catalog/audits.ics").write_text(ICS, encoding="utf-8")


def problems():
    return [str(problem) for problem in read_catalog(Path("catalog")).problems]


@pytest.mark.usefixtures("calendars")
def test_windows_and_calendars_are_part_of_the_catalog_with_their_files():
    reading = read_catalog(Path("catalog"))
    catalog = catalog_of(reading)

    assert reading.problems == ()
    assert set(catalog.change_windows) == {"nights"}
    assert set(catalog.calendars) == {"audits"}
    assert catalog.files == {"audits.ics": ICS}


@pytest.mark.usefixtures("calendars")
@pytest.mark.parametrize(
    ("was", "now", "problem"),
    [
        (
            "TZID=Europe/Dublin:20261201T09",
            "TZID=Mars/X:20261201T09",
            "7:1: DTSTART: TZID 'Mars/X' is",
        ),
        ("FREQ=YEARLY", "FREQ=MINUTELY", "9:1: RRULE: FREQ=MINUTELY is not one of DAILY"),
        ("BEGIN:VCALENDAR", "<html>", "1:1: is no iCalendar"),
    ],
)
def test_what_is_wrong_in_a_calendar_file_is_named_with_its_line(spoil, was, now, problem):
    spoil("catalog/audits.ics", was, now)

    (found,) = problems()

    assert found.startswith(f"catalog/audits.ics:{problem}")
    assert "read by Calendar audits" in found


@pytest.mark.usefixtures("calendars")
@pytest.mark.parametrize(
    ("was", "now", "problem"),
    [
        ("FREQ=DAILY", "FREQ=SOMETIMES", "catalog/calendars.yaml:12:10: spec.rrule: "),
        ("Europe/Dublin", "Mars/Olympus", "catalog/calendars.yaml:13:7: spec.tz: "),
        ("2026-12-01T22:00", "next week", "catalog/calendars.yaml:10:12: spec.dtstart: "),
        ("8h\n", "8h\n  actions: [rollback]\n", "catalog/calendars.yaml:12:13: spec.actions[0]: "),
    ],
)
def test_what_is_wrong_in_a_window_is_named_where_it_is_written(spoil, was, now, problem):
    spoil("catalog/calendars.yaml", was, now)

    (found,) = problems()

    assert found.startswith(problem)
