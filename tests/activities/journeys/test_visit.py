import httpx
import pytest

from activities.journeys.entrance import HttpEntrance
from activities.journeys.visit import LARGEST_BODY, NeverSent, NoAnswer, Unsendable
from workflows.domain.journeys.plan import Body, RequestPlan

TRACE = "0" * 31 + "1"
SECRET = "hunter2-hunter2"


class Site:
    """Answers as it is told, and notes each request."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = []

    def __call__(self, request):
        self.seen.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={})
        if isinstance(answer, Exception):
            raise answer
        return answer

    def entrance(self):
        return HttpEntrance(
            base_urls={"checkout": "http://shop.test/api/"},
            mark=("x-synthetic", "lockgate"),
            transport=httpx.MockTransport(self),
        )

    def send(self, plan, *, within=5.0, **values):
        with self.entrance().visit("checkout", {"x-canary": "1"}, trace=TRACE) as visit:
            return visit.send(plan, values, within=within)


def plan(path="/orders", *, method="GET", **more):
    return RequestPlan(method=method, path=path, **more)


def test_every_request_is_marked_routed_and_traced():
    site = Site()

    site.send(plan())

    (request,) = site.seen
    assert str(request.url) == "http://shop.test/api/orders"
    assert request.headers["x-synthetic"] == "lockgate"
    assert request.headers["x-canary"] == "1"
    assert request.headers["user-agent"] == "lockgate-journey"
    assert request.headers["traceparent"] == f"00-{TRACE}-0000000000000001-01"


def test_a_journey_cannot_unmark_itself():
    site = Site()

    site.send(plan(headers={"x-synthetic": "no", "x-canary": "0", "accept": "text/csv"}))

    headers = site.seen[0].headers
    assert (headers["x-synthetic"], headers["x-canary"]) == ("lockgate", "1")
    assert headers["accept"] == "text/csv"


@pytest.mark.parametrize(
    ("body", "kind", "content"),
    [
        (Body(kind="json", content={"n": "{{ n }}"}), "application/json", b'{"n": 2}'),
        (
            Body(kind="form", content={"a": "{{ n }} & 3"}),
            "application/x-www-form-urlencoded",
            b"a=2+%26+3",
        ),
        (Body(kind="text", content="n {{ n }}"), "text/plain; charset=utf-8", b"n 2"),
    ],
    ids=lambda it: it.kind if isinstance(it, Body) else "",
)
def test_a_body_is_filled_and_says_what_it_is(body, kind, content):
    site = Site()

    site.send(plan(method="POST", body=body), n=2)

    assert site.seen[0].headers["content-type"] == kind
    assert site.seen[0].content == content


def test_a_query_is_filled_and_escaped():
    site = Site()

    site.send(plan(query={"q": "{{ a }}&x=1"}), a="ä/b")

    assert dict(site.seen[0].url.params) == {"q": "ä/b&x=1"}


@pytest.mark.parametrize("value", ["..", "//evil.test", "@evil.test/", "?a#b", "%2e%2e"])
def test_no_value_leads_a_path_elsewhere(value):
    site = Site()

    try:
        site.send(plan("/{{ it }}"), it=value)
    except Unsendable:
        assert site.seen == []
    else:
        (request,) = site.seen
        assert request.url.host == "shop.test"
        assert request.url.raw_path.count(b"/") == 2


def test_no_path_names_another_host_whoever_wrote_it():
    """The spec refuses such a path; what is sent does not rely on it."""
    site = HttpEntrance(
        base_urls={"checkout": "http://shop.test"},
        mark=("x-synthetic", "lockgate"),
        transport=httpx.MockTransport(Site()),
    )

    with (
        site.visit("checkout", {}, trace=TRACE) as visit,
        pytest.raises(Unsendable, match="leads to another host"),
    ):
        visit.send(plan("@evil.test/"), {}, within=5)


def test_a_header_that_would_become_two_is_not_sent_and_not_told():
    site = Site()

    with pytest.raises(Unsendable) as refused:
        site.send(plan(headers={"authorization": "{{ s }}"}), s=f"{SECRET}\r\nhost: evil.test")

    assert site.seen == []
    assert SECRET not in str(refused.value)


def test_cookies_are_kept_for_one_visit_and_not_for_the_next():
    site = Site(httpx.Response(200, headers={"set-cookie": "session=abcdefgh; Path=/"}))
    entrance = site.entrance()

    with entrance.visit("checkout", {}, trace=TRACE) as visit:
        visit.send(plan(), {}, within=5)
        visit.send(plan(), {}, within=5)
        assert visit.cookies == ("abcdefgh",)
    with entrance.visit("checkout", {}, trace=TRACE) as other:
        other.send(plan(), {}, within=5)

    sent = [request.headers.get("cookie") for request in site.seen]
    assert sent == [None, "session=abcdefgh", None]


def moved(to):
    return httpx.Response(302, headers={"location": to})


def test_a_redirect_is_an_answer_like_any_other():
    site = Site(moved("/api/elsewhere"))

    assert site.send(plan()).status == 302
    assert len(site.seen) == 1


def test_a_redirect_is_followed_at_home_where_the_step_says_so():
    site = Site(moved("/api/elsewhere"), httpx.Response(200, text="there"))

    answer = site.send(plan(follow_redirects=True, headers={"authorization": SECRET}))

    assert (answer.status, answer.text) == (200, "there")
    assert site.seen[1].url.path == "/api/elsewhere"
    assert site.seen[1].headers["x-synthetic"] == "lockgate"
    assert site.seen[1].headers["traceparent"].endswith("-0000000000000002-01")


@pytest.mark.parametrize(
    "elsewhere", ["http://evil.test/", "https://shop.test/api/", "http://shop.test:81/"]
)
def test_a_redirect_to_another_host_is_never_followed(elsewhere):
    site = Site(moved(elsewhere))

    answer = site.send(plan(follow_redirects=True, headers={"authorization": SECRET}))

    assert [request.url.host for request in site.seen] == ["shop.test"]
    assert (answer.status, "another host" in answer.note) == (302, True)


def test_redirects_that_never_end_do():
    site = Site(*[moved("/api/orders")] * 9)

    with pytest.raises(NoAnswer, match="more than 5 redirects"):
        site.send(plan(follow_redirects=True))


@pytest.mark.parametrize("error", [httpx.ConnectError(SECRET), httpx.ConnectTimeout(SECRET)])
def test_without_a_connection_nothing_was_sent(error):
    site = Site(error)
    with site.entrance().visit("checkout", {}, trace=TRACE) as visit:
        with pytest.raises(NeverSent) as never:
            visit.send(plan(), {}, within=5)

        assert (visit.requests, visit.errors) == (0, 0)
    assert SECRET not in str(never.value)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ReadTimeout(SECRET), r"none within 5\.0 s"),
        (httpx.RemoteProtocolError(SECRET), "the connection broke"),
        (httpx.ReadError(SECRET), "the connection broke"),
    ],
)
def test_an_answer_that_does_not_come_is_an_error_of_the_version(error, reason):
    site = Site(error)
    with site.entrance().visit("checkout", {}, trace=TRACE) as visit:
        with pytest.raises(NoAnswer, match=reason) as none:
            visit.send(plan(), {}, within=5)

        assert (visit.requests, visit.errors) == (1, 1)
    assert SECRET not in str(none.value)
    assert none.value.__cause__ is None


def test_a_step_without_time_left_is_not_sent():
    site = Site()

    with pytest.raises(NoAnswer):
        site.send(plan(), within=-1)

    assert site.seen == []


def test_server_errors_are_counted_apart():
    site = Site(httpx.Response(404), httpx.Response(503))
    with site.entrance().visit("checkout", {}, trace=TRACE) as visit:
        visit.send(plan(), {}, within=5)
        visit.send(plan(), {}, within=5)

    assert (visit.requests, visit.errors) == (2, 1)


def test_a_body_beyond_the_bound_is_not_kept():
    site = Site(httpx.Response(200, content=b"x" * (LARGEST_BODY + 1)))

    assert site.send(plan()).body is None
