from datetime import timedelta

import pytest

from tests.builders import a_catalog
from tests.workflows.domain.calendar.calendars import NOON, a_freeze, hour
from workflows.domain.calendar.listing import listed
from workflows.domain.spec import Catalog

LUNCH = {"dtstart": "2026-11-23T12:30", "duration": "1h", "rrule": "FREQ=DAILY", "tz": "local"}


def read(*, zones=(), freezes=(), days=1, **written):
    catalog = a_catalog()
    for name, zone in zip(catalog["environments"], zones, strict=False):
        catalog["environments"][name]["scope"] = {"timeZone": zone}
    found = Catalog.model_validate({**catalog, **written})
    return listed(found, freezes, NOON, timedelta(days=days))


def test_windows_and_freezes_come_by_their_start():
    windows = {
        "drill": {"dtstart": "20261123T180000Z", "duration": "1h", "reason": "the drill"},
        "audit": {"dtstart": "20261123T150000Z", "duration": "30m", "weight": 2},
    }

    found = read(changeWindows=windows, freezes=[a_freeze(4, None)])

    assert [(one.window, one.start_at) for one in found] == [
        ("audit", hour(3)),
        ("incident-7", hour(4)),
        ("drill", hour(6)),
    ]
    assert [one.weight for one in found] == [2, None, None]
    assert [one.endless for one in found] == [False, True, False]
    assert found[2].reason == "the drill"


def test_a_window_of_local_time_is_there_once_for_each_zone():
    found = read(zones=("Europe/Dublin", "America/New_York"), changeWindows={"lunch": LUNCH})

    assert [(one.about, one.start_at.hour) for one in found] == [
        ("everything in Europe/Dublin", 12),
        ("everything in America/New_York", 17),
    ]


def test_what_is_over_or_too_far_ahead_is_not_listed():
    windows = {
        "over": {"dtstart": "20261123T100000Z", "duration": "2h"},
        "far": {"dtstart": "20261124T120000Z", "duration": "2h"},
    }

    assert read(changeWindows=windows) == []
    assert [one.window for one in read(changeWindows=windows, days=2)] == ["far"]


def test_a_calendar_that_cannot_be_read_is_a_mistake():
    with pytest.raises(ValueError, match="Calendar audits"):
        read(calendars={"audits": {"ics": "audits.ics"}})
