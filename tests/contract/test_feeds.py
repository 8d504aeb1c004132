"""What is promised of calendar feeds: over HTTP from a real server, and of their fake."""

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from activities.feeds import FeedsActivities, HttpFeed
from tests.fakes.feeds import FakeFeeds
from workflows.domain.calendar.reach import FeedAsk
from workflows.domain.errors import TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.feeds import ReadFeed

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FREEZE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:freeze
DTSTAMP:20260101T000000Z
DTSTART:20261201T000000Z
DTEND:20261205T000000Z
SUMMARY:peak season
END:VEVENT
END:VCALENDAR
"""


class Vendor:
    """A vendor's web server, and what it says of its calendar."""

    def __init__(self):
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                etag = f'"{digest_of(vendor.text)}"'
                same = self.headers.get("If-None-Match") == etag
                self.send_response(503 if vendor.down else 304 if same else 200)
                self.send_header("ETag", etag)
                self.end_headers()
                if not vendor.down and not same:
                    self.wfile.write(vendor.text.encode())

            def log_message(self, *args):
                pass

        self.text, self.down = FREEZE, False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.client = httpx.Client(trust_env=False)
        url = f"http://127.0.0.1:{self.server.server_port}/calendar.ics"
        self.port = FeedsActivities({"vendor-x": HttpFeed(url, self.client)})

    def says(self, text):
        self.text = text

    def fails(self, *, down):
        self.down = down

    def close(self):
        self.client.close()
        self.server.shutdown()
        self.server.server_close()


class FakeVendor:
    def __init__(self):
        self.port = FakeFeeds()
        self.says(FREEZE)

    def says(self, text):
        self.port.texts["vendor-x"] = text

    def fails(self, *, down):
        self.port.down = {"vendor-x"} if down else set()

    def close(self):
        pass


@pytest.fixture(params=[FakeVendor, Vendor], ids=["fake", "http"])
def vendor(request):
    made = request.param()
    yield made
    made.close()


def read(vendor, *, at=0, connection="vendor-x", days_in=None):
    feed = FeedAsk(connection=connection, max_age=4 * HOUR, days_in=days_in)
    return vendor.port.read_feed(ReadFeed(feed=feed, at=NOON + at * HOUR))


def test_its_events_are_read_with_the_digest_of_the_text(vendor):
    reading = read(vendor)

    (span,) = reading.spans
    assert (span.summary, span.start_at.day, span.end_at.day) == ("peak season", 1, 5)
    assert reading.digest == digest_of(FREEZE)
    assert reading.problem == ""
    assert reading.known_until > NOON + timedelta(days=365)


def test_a_change_is_seen_and_so_is_that_there_is_none(vendor):
    first, same = read(vendor), read(vendor)
    vendor.says(FREEZE.replace("20261205", "20261209"))

    assert first == same
    assert read(vendor).spans[0].end_at.day == 9


def test_what_was_never_had_is_unknown_and_says_why(vendor):
    vendor.fails(down=True)

    reading = read(vendor)

    assert not reading.usable
    assert reading.problem
    assert reading.spans == ()


def test_the_last_good_copy_stands_in_until_it_is_too_old(vendor):
    read(vendor)
    vendor.fails(down=True)

    younger, older = read(vendor, at=4), read(vendor, at=5)

    assert younger.usable
    assert younger.spans != ()
    assert younger.fetched_at == NOON
    assert "the copy of 2026-11-25 12:00Z stands in: " in younger.problem
    assert not older.usable
    assert "the last good copy is of 2026-11-25 12:00Z: too old" in older.problem


def test_it_is_believed_again_once_it_answers(vendor):
    vendor.fails(down=True)
    read(vendor)
    vendor.fails(down=False)

    assert read(vendor).problem == ""


@pytest.mark.parametrize(
    "said", ["<html>sign in</html>", "", FREEZE.replace("T000000Z", "T000000")]
)
def test_what_is_no_calendar_is_no_answer(vendor, said):
    vendor.says(said)

    assert not read(vendor).usable


def test_a_feed_that_turns_into_something_else_does_not_replace_the_good_copy(vendor):
    read(vendor)
    vendor.says("<html>sign in</html>")

    reading = read(vendor, at=1)

    assert reading.digest == digest_of(FREEZE)
    assert "is no iCalendar" in reading.problem


def test_a_connection_that_nobody_knows_is_a_mistake(vendor):
    with pytest.raises(TargetMissing, match="vendor-y is not in this worker's settings"):
        read(vendor, connection="vendor-y")
