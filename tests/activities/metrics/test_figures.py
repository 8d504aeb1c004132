import math

import pytest

from activities.metrics.figures import asked_series, figures, layouts, refuse_unknown
from activities.metrics.source import LATENCY_SERIES, REQUESTS_SERIES, Sample
from workflows.domain.canary.measures import (
    ERRORS,
    LATENCY,
    REQUESTS,
    ROUTER,
    Measure,
    MeasureKind,
    Selector,
)
from workflows.domain.errors import Refused

ARM, OTHER = "checkout-aaaaaaaaaaaa", "checkout-bbbbbbbbbbbb"
WAITS = Measure(name="waits", kind=MeasureKind.HISTOGRAM, selector=Selector(series="wait_seconds"))
DEPTH = Measure(name="depth", kind=MeasureKind.GAUGE, selector=Selector(series="depth"))


def answered(kind, value, arm=ARM):
    labels = {"envoy_cluster_name": arm, "envoy_response_code_class": kind}
    return Sample(REQUESTS_SERIES, labels, value)


def within(le, value, arm=ARM):
    return Sample(LATENCY_SERIES, {"envoy_cluster_name": arm, "le": le}, value)


def waited(le, value, **labels):
    return Sample("wait_seconds_bucket", {"arm": ARM, "le": le, **labels}, value)


def told(measures, samples, **more):
    bounds = layouts(measures, samples, kept={})
    return figures(ARM, measures, samples, bounds=bounds, **more)


def test_the_routers_figures_are_requests_and_those_that_ended_with_5xx():
    samples = [answered("2", 90), answered("4", 5), answered("5", 2), answered("1", 7)]
    samples.append(answered("5", 50, arm=OTHER))

    assert told(ROUTER[:2], samples).totals.values == {"requests": 97, "errors": 2}


def test_a_process_that_is_there_and_shows_no_counter_has_counted_nothing():
    found = told(ROUTER, [], since=5.0).totals

    assert found.values == {"requests": 0, "errors": 0}
    assert found.histograms == {"latency": ()}
    assert found.since == 5.0


def test_cumulative_buckets_become_counts_of_each():
    samples = [within("+Inf", 9), within("10", 8), within("2.5", 3)]

    assert layouts([LATENCY], samples, kept={}) == {"latency": (2.5, 10.0)}
    assert told([LATENCY], samples).totals.histograms == {"latency": (3, 5, 1)}


def test_several_series_of_one_process_are_added():
    samples = [waited("1", 2, code="200"), waited("+Inf", 3, code="200")]
    samples += [waited("1", 5, code="500"), waited("+Inf", 5, code="500")]

    assert told([WAITS], samples).totals.histograms == {"waits": (7, 1)}


def test_edges_are_those_that_all_series_have():
    samples = [waited("1", 2, code="200"), waited("5", 2, code="200"), waited("5", 2, code="500")]

    assert layouts([WAITS], samples, kept={}) == {"waits": (5.0,)}


def test_edges_once_seen_stay():
    samples = [within("10", 8), within("+Inf", 9)]

    assert layouts([LATENCY], samples, kept={"latency": (5.0,)}) == {"latency": (5.0,)}


def test_edges_that_are_not_there_leave_the_histogram_unknown():
    coarse = LATENCY.model_copy(update={"bounds": (7.0,)})

    found = told([coarse], [within("10", 8), within("+Inf", 9)])

    assert found.totals.histograms == {}
    assert found.warnings == (f"latency of {ARM} lacks bucket edges of (7.0,)",)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_unknown_and_never_zero(value):
    found = told([REQUESTS, ERRORS], [answered("2", 5), answered("5", value)])

    assert found.totals.values == {}
    assert found.warnings == (f"requests of {ARM} is no number", f"errors of {ARM} is no number")


def test_a_gauge_is_the_mean_of_its_series_and_unknown_without_any():
    samples = [
        Sample("depth", {"arm": ARM, "queue": "mail"}, 1.0),
        Sample("depth", {"arm": ARM, "queue": "jobs"}, 3.0),
    ]

    assert told([DEPTH], samples).totals.gauges == {"depth": 2.0}
    assert told([DEPTH], []).totals.gauges == {}


def test_what_an_own_query_brought_counts_for_the_version_it_was_asked_for():
    mine = Measure(name="mine", kind=MeasureKind.COUNTER, query='x{v="$arm"}')
    samples = [Sample(asked_series(mine), {"lockgate_arm": arm}, 4) for arm in (ARM, OTHER)]

    assert told([mine], samples).totals.values == {"mine": 4}


def test_a_figure_that_no_router_has_is_refused():
    with pytest.raises(Refused, match=r"'happiness'.*requests, errors and latency"):
        refuse_unknown([*ROUTER, Measure(name="happiness", kind=MeasureKind.COUNTER)])
