import httpx
import pytest

from activities.feeds.http_feed import LARGEST, Copy, HttpFeed
from workflows.domain.errors import Refused, Unavailable

ADDRESS = "http://ana:hunter2@vendor.test/calendar.ics?token=hunter2"


def feed(answer, url=ADDRESS, **more):
    return HttpFeed(url, httpx.Client(transport=httpx.MockTransport(answer)), **more)


def test_a_feed_is_its_text_and_what_the_server_calls_that():
    def answer(request):
        assert request.headers["accept"] == "text/calendar"
        return httpx.Response(200, content="BEGIN:VCALENDAR é".encode(), headers={"etag": '"1"'})

    assert feed(answer).fetch(None) == Copy("BEGIN:VCALENDAR é", '"1"')


def test_what_has_not_changed_is_not_sent_again():
    def answer(request):
        assert request.headers["if-none-match"] == '"1"'
        return httpx.Response(304)

    known = Copy("text", '"1"')

    assert feed(answer).fetch(known) is known


def test_a_feed_that_wants_to_know_who_asks_is_shown_the_token():
    def answer(request):
        assert request.headers["authorization"] == "Bearer secret"
        return httpx.Response(200, content=b"text")

    shown = feed(answer, "http://vendor.test/calendar.ics", token=lambda: "secret")

    assert shown.fetch(None) == Copy("text", None)


@pytest.mark.parametrize(
    ("response", "kind", "why"),
    [
        (httpx.Response(503), Unavailable, "503"),
        (httpx.Response(403), Refused, "403"),
        (httpx.Response(304), Refused, "304"),
        (httpx.Response(200, content=b"\xff\xfe"), Refused, "not UTF-8"),
        (httpx.Response(200, content=b"x" * (LARGEST + 1)), Refused, "longer than 2048 KiB"),
    ],
)
def test_what_is_no_calendar_is_told_without_the_address_secrets(response, kind, why):
    with pytest.raises(kind, match=why) as caught:
        feed(lambda _: response).fetch(None)

    assert "hunter2" not in str(caught.value)
