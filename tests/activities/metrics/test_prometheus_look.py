"""One span from raw points, as a server could tell them; a real one is in the contract suite."""

import httpx
import pytest

from activities.metrics.prometheus_api import PrometheusApi
from activities.metrics.prometheus_look import Look, one_of
from workflows.domain.canary.measures import (
    ERRORS,
    LATENCY,
    REQUESTS,
    Measure,
    MeasureKind,
    Selector,
)
from workflows.domain.canary.spans import Mark

ARM, OTHER = "check.out-aaaaaaaaaaaa", "check.out-bbbbbbbbbbbb"
START, END = 1000.0, 1060.0
ORDERS = Measure(
    name="orders",
    kind=MeasureKind.COUNTER,
    selector=Selector(series="orders_total", labels={"status": "ok"}),
)


def series(name, points, **labels):
    return {"metric": {"__name__": name, "job": "j", **labels}, "values": points}


def uptime(*points, instance="e1"):
    return series("envoy_server_uptime", list(points), instance=instance)


def answered(kind, points, arm=ARM, instance="e1"):
    labels = {"envoy_cluster_name": arm, "envoy_response_code_class": kind, "instance": instance}
    return series("envoy_cluster_upstream_rq_xx", points, **labels)


def within(le, points):
    labels = {"envoy_cluster_name": ARM, "le": le, "instance": "e1"}
    return series("envoy_cluster_upstream_rq_time_bucket", points, **labels)


class Server:
    """Has these series, and once had those that *known* names."""

    def __init__(self, *found, known=()):
        self.found, self.known = list(found), known
        self.asked = []

    def __call__(self, request):
        asked = dict(request.url.params)
        self.asked.append(asked)
        if request.url.path.endswith("/series"):
            data = [{}] if any(name in asked["match[]"] for name in self.known) else []
        else:
            data = {"resultType": "matrix", "result": self.found}
        return httpx.Response(200, json={"status": "success", "data": data})


class ByQuery(Server):
    """Answers each query with the series of the one that begins so."""

    def __init__(self, by_query, *, known=()):
        super().__init__(known=known)
        self.by_query = by_query

    def __call__(self, request):
        query = request.url.params.get("query", "")
        begins = (found for begin, found in self.by_query.items() if query.startswith(begin))
        self.found = next(begins, [])
        return super().__call__(request)


def taken(server, *measures, arms=(ARM,), tolerance=20.0):
    api = PrometheusApi("http://p.test", httpx.Client(transport=httpx.MockTransport(server)))
    look = Look(
        api,
        labels={"environment": "staging"},
        tolerance=tolerance,
        mark=Mark(at=START),
        end=END,
        warnings=[],
    )
    return look.taken(arms, measures)


def test_points_from_before_the_span_to_its_end_are_asked_for_at_its_end():
    server = Server(uptime([1000, 5], [1060, 65]))

    taken(server, REQUESTS)

    (asked,) = server.asked
    assert asked["time"] == "1060.000"
    assert asked["query"].endswith("[80000ms]")
    assert 'environment="staging"' in asked["query"]
    assert r"check\\.out" in asked["query"]


def test_a_silent_version_is_zero_beside_an_envoy_that_was_there():
    told = taken(Server(uptime([1000, 5], [1060, 65])), REQUESTS, ERRORS)

    assert told.arms[ARM].values == {"requests": 0, "errors": 0}


def test_an_envoy_that_was_not_scraped_is_no_sample():
    assert taken(Server(), REQUESTS).arms == {ARM: None}
    assert taken(Server(uptime([1000, 5])), REQUESTS).arms == {ARM: None}


def test_points_in_any_order_and_twice_are_each_counted_once():
    points = [[1060, "25"], [1000, "10"], [1030, "15"], [1030, "15"]]

    told = taken(
        Server(uptime([1000, 5], [1060, 65], [1030, 35]), answered("2", points)), REQUESTS
    )

    assert told.arms[ARM].values == {"requests": 15}


def test_an_envoy_that_began_anew_beyond_its_old_counts_is_seen_by_its_uptime():
    told = taken(
        Server(uptime([1000, 500], [1060, 10]), answered("2", [[1000, "10"], [1060, "40"]])),
        REQUESTS,
    )

    assert told.arms[ARM].values == {"requests": 40}


def test_two_envoys_are_added_each_with_its_own_restarts():
    told = taken(
        Server(
            uptime([1000, 500], [1060, 560]),
            uptime([1000, 500], [1060, 10], instance="e2"),
            answered("2", [[1000, "10"], [1060, "40"]]),
            answered("2", [[1000, "100"], [1060, "7"]], instance="e2"),
        ),
        REQUESTS,
    )

    assert told.arms[ARM].values == {"requests": 37}


def test_buckets_are_differences_of_buckets_and_of_moments():
    told = taken(
        Server(
            uptime([1000, 5], [1060, 65]),
            within("10", [[1000, "1"], [1060, "5"]]),
            within("+Inf", [[1000, "2"], [1060, "9"]]),
        ),
        LATENCY,
    )

    assert told.arms[ARM].histograms == {"latency": (4, 3)}
    assert told.bounds == {"latency": (10.0,)}


def test_a_value_that_is_no_number_is_unknown_and_told():
    told = taken(
        Server(uptime([1000, 5], [1060, 65]), answered("5", [[1000, "1"], [1060, "NaN"]])), ERRORS
    )

    assert told.arms == {ARM: None}
    assert told.warnings == (f"errors of {ARM} is no number",)


def scraped(up, points, arm=ARM):
    return [
        series("up", up, arm=arm, instance=arm),
        series("orders_total", points, arm=arm, status="ok", instance=arm),
    ]


def test_a_version_that_answers_has_counted_nothing_of_what_others_count():
    theirs = scraped([[1000, "1"], [1060, "1"]], [[1000, "3"], [1060, "8"]], arm=OTHER)
    ours = scraped([[1000, "1"], [1060, "1"]], [])

    told = taken(Server(*theirs, *ours), ORDERS, arms=(ARM, OTHER))

    assert told.arms[ARM].values == {"orders": 0}
    assert told.arms[OTHER].values == {"orders": 5}


def test_a_version_that_is_down_is_no_sample():
    theirs = scraped([[1000, "1"], [1060, "1"]], [[1000, "3"], [1060, "8"]], arm=OTHER)
    ours = scraped([[1000, "1"], [1060, "0"]], [[1000, "3"]])

    assert taken(Server(*theirs, *ours), ORDERS, arms=(ARM, OTHER)).arms[ARM] is None


def test_a_count_that_was_seen_long_ago_is_zero_and_one_that_never_was_is_unknown():
    present = scraped([[1000, "1"], [1060, "1"]], [])

    assert taken(Server(*present, known=["orders_total"]), ORDERS).arms[ARM].values == {
        "orders": 0
    }
    told = taken(Server(*present), ORDERS)
    assert told.arms == {ARM: None}
    assert "has never had a series" in told.warnings[0]


@pytest.mark.parametrize("found", [2, 0])
def test_an_expression_gives_one_number_or_none(found):
    share = Measure(name="share", kind=MeasureKind.GAUGE, query='x{arm="$arm"}')
    server = Server(*({"metric": {}, "value": [1060, "0.5"]} for _ in range(found)))

    told = taken(server, share)

    assert told.arms == {ARM: None}
    assert bool(told.warnings) == bool(found)
    assert server.asked[0]["query"] == f'x{{environment="staging",arm="{ARM}"}}'


def test_a_query_that_names_its_environment_is_asked_as_it_is():
    query = 'x{arm="$arm",environment=~"stag.*"}'
    server = Server()

    taken(server, Measure(name="share", kind=MeasureKind.GAUGE, query=query))

    assert server.asked[0]["query"] == query.replace("$arm", ARM)


@pytest.mark.parametrize("query", ['bad_total{arm="$arm"}', 'bad_total{arm=~"$arm"}'])
def test_a_query_that_never_had_an_answer_is_no_data_and_says_so(query):
    """A misspelt counter of bad events, told as zero, would pass every canary."""
    bad = Measure(name="slo.bad", kind=MeasureKind.COUNTER, query=query)
    total = Measure(name="slo.total", kind=MeasureKind.COUNTER, query='all_total{arm="$arm"}')
    counted = {
        'all_total{environment="staging",arm=': scraped([], [[1000, "3"], [1060, "8"]])[-1:]
    }

    told = taken(ByQuery(counted), bad, total)
    seen = taken(ByQuery(counted, known=["bad_total"]), bad, total)

    assert told.arms[ARM].values == {"slo.total": 5}
    (said,) = told.warnings
    assert 'never had a series bad_total{environment="staging",arm=~".+"}' in said
    assert seen.arms[ARM].values == {"slo.bad": 0, "slo.total": 5}


def test_names_are_matched_letter_by_letter():
    assert one_of("arm", ["b.1", "a|2"]) == r'arm=~"a\\|2|b\\.1"'
