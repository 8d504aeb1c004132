"""What a reading holds; what is promised of feeds that fail is in tests/contract/test_feeds.py."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.feeds import FeedsActivities
from activities.feeds.http_feed import Copy
from workflows.domain.calendar.reach import FeedAsk
from workflows.domain.errors import TargetMissing
from workflows.ports.feeds import ReadFeed

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAILY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:d
DTSTAMP:20260101T000000Z
DTSTART:20260101T090000Z
DURATION:PT1M
RRULE:FREQ=DAILY
END:VEVENT
{more}END:VCALENDAR
"""


class Same:
    """A feed that says the same whenever it is asked."""

    def __init__(self, text):
        self.text = text
        self.known = []

    def fetch(self, known):
        self.known.append(known)
        return known or Copy(self.text, '"1"')


def read(port, at=NOON):
    feed = FeedAsk(connection="vendor-x", max_age=timedelta(hours=1))
    return port.read_feed(ReadFeed(feed=feed, at=at))


def test_all_day_the_same_feed_has_the_same_reading():
    """So that a release whose facts are read anew sees no change where there is none."""
    port = FeedsActivities({"vendor-x": Same(DAILY.format(more=""))})

    assert read(port) == read(port, NOON + timedelta(hours=11))
    assert read(port) != read(port, NOON + timedelta(hours=12))


def test_the_last_good_copy_is_shown_to_the_feed():
    feed = Same(DAILY.format(more=""))
    port = FeedsActivities({"vendor-x": feed})

    read(port)
    read(port)

    assert [known is None for known in feed.known] == [True, False]


def test_what_is_more_than_can_travel_is_known_as_far_as_it_goes():
    busy = "".join(
        DAILY.split("BEGIN:VEVENT")[1]
        .replace("UID:d", f"UID:{n}")
        .split("{more}")[0]
        .join(["BEGIN:VEVENT", ""])
        for n in range(5)
    )
    port = FeedsActivities({"vendor-x": Same(DAILY.format(more=busy))})

    reading = read(port)

    assert len(reading.spans) == 2000
    assert reading.known_until == reading.spans[-1].start_at


def test_a_feed_that_the_settings_do_not_know_is_a_mistake():
    with pytest.raises(TargetMissing, match="vendor-x is not in this worker's settings"):
        read(FeedsActivities({}))
