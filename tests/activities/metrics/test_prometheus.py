import httpx
import pytest
from structlog.testing import capture_logs

from activities.metrics.prometheus import PrometheusMetrics
from workflows.domain.canary.measures import ROUTER
from workflows.domain.canary.series import NO_EDGE
from workflows.domain.canary.spans import Mark
from workflows.domain.canary.verdict import ArmCounts
from workflows.domain.errors import Refused, Unavailable

CANARY, BASELINE = "check.out-aaaaaaaaaaaa", "check.out-bbbbbbbbbbbb"
NOW, STARTED = 1_000_000.125, 999_000.0
REQUESTS, LATENCY = "envoy_cluster_upstream_rq_xx", "envoy_cluster_upstream_rq_time_bucket"


def vector(*series, **more):
    result = [{"metric": labels, "value": [NOW, value]} for labels, value in series]
    body = {"status": "success", "data": {"resultType": "vector", "result": result}, **more}
    return httpx.Response(200, json=body)


def answered(kind, value, arm=CANARY):
    labels = {
        "__name__": REQUESTS,
        "envoy_response_code_class": kind,
        "envoy_cluster_name": arm,
    }
    return labels, value


def within(le, value):
    return {"__name__": LATENCY, "le": le, "envoy_cluster_name": CANARY}, value


class Server:
    """Answers the first question with a start time, the second with *series*."""

    def __init__(self, *series, started=(({}, str(STARTED)),), **more):
        self.answers = [vector(*started), vector(*series, **more)]
        self.asked = []

    def __call__(self, request):
        self.asked.append(dict(request.url.params))
        return self.answers[len(self.asked) - 1]


def read(answer, url="http://prometheus.test:9090/"):
    client = httpx.Client(transport=httpx.MockTransport(answer))
    source = PrometheusMetrics(url, environment="staging", client=client)
    return source.read(canary=CANARY, baseline=BASELINE)


def test_counts_both_versions_of_one_environment_at_one_instant():
    server = Server(answered("2", "95"), answered("5", "5"), answered("2", "300", BASELINE))

    window = read(server)

    assert window.at == NOW
    assert window.canary == ArmCounts(requests=100, errors=5, since=STARTED)
    assert window.baseline == ArmCounts(requests=300, since=STARTED)
    start, question = server.asked
    assert 'environment="staging"' in start["query"]
    assert question["time"] == "1000000.125"
    assert 'environment="staging"' in question["query"]


def test_a_dot_in_a_name_stands_for_itself_in_the_question():
    server = Server()

    read(server)

    assert r"check\\.out" in server.asked[1]["query"]


def test_latencies_end_in_a_bucket_without_an_edge():
    window = read(Server(within("10", "8"), within("+Inf", "9")))

    assert window.canary.buckets == ((10.0, 8), (NO_EDGE, 9))


def test_a_version_without_series_served_nothing():
    assert read(Server()).canary == ArmCounts(since=STARTED)


def test_an_environment_without_samples_is_no_silence_but_cannot_be_judged():
    with pytest.raises(Unavailable, match="environment=staging: is that Envoy up"):
        read(Server(started=()))


def test_what_is_no_number_is_no_data():
    assert read(Server(answered("2", "NaN"))).canary.requests == 0


def test_the_latest_start_of_several_envoys_counts():
    assert read(Server(started=(({}, "10"), ({}, "20")))).canary.since == 20


def test_warnings_are_logged_and_the_answer_is_used():
    with capture_logs() as logs:
        window = read(Server(answered("2", "9"), warnings=["one replica is behind"]))

    assert window.canary.requests == 9
    assert [(line["event"], line["warnings"]) for line in logs] == [
        ("prometheus_warned", ["one replica is behind"])
    ]


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
        read(answer)


def test_an_address_that_is_not_ours_to_ask_is_refused():
    with pytest.raises(Refused, match="answered 401"):
        read(lambda request: httpx.Response(401))


class Silent:
    """A server that has no point in any span, and knows the environment if *known*."""

    def __init__(self, *, known):
        self.known = known

    def __call__(self, request):
        series = request.url.path.endswith("/series")
        data = ([{}] if self.known else []) if series else {"resultType": "matrix", "result": []}
        return httpx.Response(200, json={"status": "success", "data": data})


def span(server, seconds=60.0):
    client = httpx.Client(transport=httpx.MockTransport(server))
    source = PrometheusMetrics("http://p.test", environment="staging", client=client)
    return source.span(Mark(at=NOW), (CANARY,), ROUTER, until=NOW + seconds)


def test_a_silent_environment_is_no_sample_and_an_unknown_one_no_answer():
    assert span(Silent(known=True)).arms == {CANARY: None}
    with pytest.raises(Unavailable, match="environment=staging"):
        span(Silent(known=False))


def test_windows_shorter_than_a_scrape_are_told():
    assert span(Silent(known=True)).warnings == ()
    (warning,) = span(Silent(known=True), seconds=5.0).warnings
    assert "window of 5 s is shorter than the scrape interval of 15 s" in warning


def test_nothing_has_happened_before_the_mark():
    told = span(Silent(known=False), seconds=0.0)

    assert (told.mark, told.arms) == (Mark(at=NOW), {CANARY: None})
