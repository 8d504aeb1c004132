import math

import httpx
import pytest
from structlog.testing import capture_logs

from activities.metrics.prometheus_api import PrometheusApi, selector
from workflows.domain.errors import Refused, Unavailable

URL = "http://user:hunter2@prometheus.test:9090/"


def api(answer):
    return PrometheusApi(URL, httpx.Client(transport=httpx.MockTransport(answer)))


def success(data, **more):
    return lambda request: httpx.Response(200, json={"status": "success", "data": data, **more})


def failure(status, kind, **more):
    body = {"status": "error", "errorType": kind, "error": "because", **more}
    return lambda request: httpx.Response(status, json=body)


def raising(error):
    def answer(request):
        raise error

    return answer


def vector(*result):
    return {"resultType": "vector", "result": list(result)}


def test_a_question_is_asked_for_a_fixed_moment():
    seen = []

    def answer(request):
        seen.append((request.url.path, dict(request.url.params)))
        return success(vector())(request)

    assert api(answer).vector("up", at=12.5, warnings=[]) == []
    assert seen == [("/api/v1/query", {"query": "up", "time": "12.500"})]


def test_nothing_nan_and_zero_are_three_answers():
    nan = {"metric": {}, "value": [1, "NaN"]}
    zero = {"metric": {}, "value": [1, "0"]}

    assert api(success(vector())).vector("x", at=1, warnings=[]) == []
    (told,) = api(success(vector(nan))).vector("x", at=1, warnings=[])
    assert math.isnan(told.value[1])
    (told,) = api(success(vector(zero))).vector("x", at=1, warnings=[])
    assert told.value[1] == 0


def test_the_servers_clock_counts():
    assert api(success({"resultType": "scalar", "result": [5.25, "5.25"]})).now() == 5.25


def test_a_series_is_known_however_old_it_is():
    assert api(success([{"__name__": "x"}])).has_series("x", until=9)
    assert not api(success([])).has_series("x", until=9)


def test_warnings_are_kept_and_logged():
    warnings = []

    with capture_logs() as logs:
        api(success(vector(), warnings=["one replica is behind"])).vector(
            "x", at=1, warnings=warnings
        )

    assert warnings == ["one replica is behind"]
    assert [line["event"] for line in logs] == ["prometheus_warned"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (failure(503, "unavailable"), "answered unavailable: because"),
        (failure(422, "execution"), "answered execution: because"),
        (failure(200, "timeout"), "answered timeout: because"),
        (lambda request: httpx.Response(502, text="<html>Bad gateway</html>"), "answered 502"),
        (lambda request: httpx.Response(200, text="<html>Sign in</html>"), "not its HTTP API's"),
        (lambda request: httpx.Response(200, json={"status": "success"}), "not its HTTP API's"),
        (success({"resultType": "vector"}), "not its HTTP API's"),
        (raising(httpx.ReadTimeout("slow")), "did not answer in time"),
        (raising(httpx.ConnectError("no")), "cannot be reached"),
    ],
)
def test_a_server_that_cannot_answer_is_unavailable(answer, said):
    with pytest.raises(Unavailable, match=said) as raised:
        api(answer).vector("x", at=1, warnings=[])

    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (failure(400, "bad_data"), "answered bad_data: because"),
        (lambda request: httpx.Response(401), "answered 401"),
    ],
)
def test_a_question_that_will_never_be_answered_is_refused(answer, said):
    with pytest.raises(Refused, match=said):
        api(answer).vector("x", at=1, warnings=[])


def test_labels_are_quoted_as_the_language_wants():
    assert selector({"environment": 'a"b'}, 'le="1"') == '{environment="a\\"b",le="1"}'
