import httpx
import pytest

from activities.metrics.prometheus import PrometheusMetrics
from workflows.domain.canary.measures import ROUTER
from workflows.domain.canary.spans import Mark
from workflows.domain.errors import Refused, Unavailable

CANARY = "check.out-aaaaaaaaaaaa"
NOW = 1_000_000.125
REQUESTS, UPTIME = "envoy_cluster_upstream_rq_xx", "envoy_server_uptime"


class Server:
    """Has *points* in every span, and knows the environment if *known*; it is asked at NOW."""

    def __init__(self, *points, known=True, **more):
        self.points, self.known, self.more = points, known, more
        self.asked = []

    def __call__(self, request):
        asked = dict(request.url.params)
        self.asked.append(asked)
        if request.url.path.endswith("/series"):
            data = [{}] if self.known else []
        elif asked["query"] == "time()":
            data = {"resultType": "scalar", "result": [NOW, str(NOW)]}
        else:
            data = {"resultType": "matrix", "result": list(self.points)}
        return httpx.Response(200, json={"status": "success", "data": data, **self.more})


def series(name, *points, **labels):
    metric = {"__name__": name, "instance": "envoy", **labels}
    return {"metric": metric, "values": [[at, value] for at, value in points]}


def counted(kind, before, after, at=NOW):
    labels = {"envoy_response_code_class": kind, "envoy_cluster_name": CANARY}
    return series(REQUESTS, (at, str(before)), (at + 60, str(after)), **labels)


UP = series(UPTIME, (NOW, "100"), (NOW + 60, "160"))


def source(answer, **more):
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return PrometheusMetrics("http://p.test", environment="staging", client=client, **more)


def span(answer, seconds=60.0):
    return source(answer).span(Mark(at=NOW), (CANARY,), ROUTER, until=NOW + seconds)


def test_a_span_is_what_was_counted_between_its_ends():
    server = Server(UP, counted("2", 40, 130), counted("5", 1, 6))

    told = span(server)

    assert told.arms[CANARY].values == {"requests": 95, "errors": 5}
    assert told.mark == Mark(at=NOW + 60)
    (asked,) = server.asked
    assert 'environment="staging"' in asked["query"]
    assert asked["time"] == "1000060.125"


def test_an_environment_may_be_told_by_labels_of_ones_own():
    server = Server(UP, counted("2", 40, 130))
    told = source(server, labels={"cluster": "blue"})

    told.span(Mark(at=NOW), (CANARY,), ROUTER, until=NOW + 60)

    assert 'cluster="blue"' in server.asked[0]["query"]
    assert "environment" not in server.asked[0]["query"]


def test_a_dot_in_a_name_stands_for_itself_in_the_question():
    server = Server(UP)

    span(server)

    assert r"check\\.out" in server.asked[0]["query"]


def test_points_older_than_a_scrape_are_a_gap_and_not_zero():
    """The server would still show them for five minutes."""
    stale = [
        series(UPTIME, (NOW - 30, "70"), (NOW + 30, "130")),
        counted("2", 40, 130, at=NOW - 30),
    ]

    assert span(Server(*stale)).arms == {CANARY: None}


def test_what_is_no_number_is_no_data():
    told = span(Server(UP, counted("2", 40, "NaN")))

    assert told.arms[CANARY].values == {"errors": 0}
    assert f"requests of {CANARY} is no number" in told.warnings


def test_what_the_server_warns_of_is_told_and_the_answer_is_used():
    told = span(Server(UP, counted("2", 40, 49), warnings=["one replica is behind"]))

    assert told.arms[CANARY].values["requests"] == 9
    assert told.warnings == ("one replica is behind",)


def test_a_watch_begins_now_by_the_servers_clock_and_ends_where_points_have_settled():
    server = Server(UP)
    told = source(server, scraped_every=5.0, late=30.0)

    assert told.mark((CANARY,), ROUTER) == Mark(at=NOW)
    assert told.span(Mark(at=NOW - 300), (CANARY,), ROUTER, until=None).mark.at == NOW - 35


def raising(error):
    def answer(request):
        raise error

    return answer


ERROR = {"status": "error", "errorType": "timeout", "error": "query timed out"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda request: httpx.Response(503, text="<html>"), "answered 503"),
        (lambda request: httpx.Response(503, json=ERROR), "answered timeout: query timed out"),
        (lambda request: httpx.Response(200, json=ERROR), "answered timeout: query timed out"),
        (lambda request: httpx.Response(200, text="<html>"), "not its HTTP API's"),
        (lambda request: httpx.Response(200, json=[1]), "not its HTTP API's"),
        (lambda request: httpx.Response(200, json={"status": "success"}), "not its HTTP API's"),
        (raising(httpx.ReadTimeout("slow")), "did not answer in time"),
        (raising(httpx.ConnectError("no")), "cannot be reached"),
    ],
)
def test_a_server_that_cannot_answer_is_asked_again(answer, said):
    with pytest.raises(Unavailable, match=said):
        source(answer).mark((CANARY,), ROUTER)
    with pytest.raises(Unavailable, match=said):
        span(answer)


def test_an_address_that_is_not_ours_to_ask_is_refused():
    with pytest.raises(Refused, match="answered 401"):
        span(lambda request: httpx.Response(401))


def test_an_environment_that_was_never_scraped_cannot_be_watched():
    with pytest.raises(Unavailable, match="environment=staging: is that Envoy up"):
        source(Server(known=False)).mark((CANARY,), ROUTER)


def test_a_silent_environment_is_no_sample_and_an_unknown_one_no_answer():
    assert span(Server(known=True)).arms == {CANARY: None}
    with pytest.raises(Unavailable, match="environment=staging"):
        span(Server(known=False))


def test_windows_shorter_than_a_scrape_are_told():
    assert span(Server(known=True)).warnings == ()
    (warning,) = span(Server(known=True), seconds=5.0).warnings
    assert "window of 5 s is shorter than the scrape interval of 15 s" in warning


def test_nothing_has_happened_before_the_mark():
    told = span(Server(known=False), seconds=0.0)

    assert (told.mark, told.arms) == (Mark(at=NOW), {CANARY: None})
