from math import log
from statistics import NormalDist

import pytest

from bench.judging.simulation import BOUNDS
from workflows.domain.canary.config import MetricConfig
from workflows.domain.canary.latency import Shape, beyond, choose_edges

METRIC = MetricConfig(name="latency", type="histogram", field="latency", bounds=BOUNDS)


def lognormal(requests, *, slower=1.0):
    within = [NormalDist().cdf(log(edge / (50 * slower)) / 0.5) for edge in BOUNDS]
    steps = zip([0.0, *within], [*within, 1.0], strict=True)
    return tuple(round(requests * (high - low)) for low, high in steps)


def test_the_edges_are_near_the_quantile_p90_and_the_median():
    edges = choose_edges(METRIC, lognormal(100_000))

    assert [BOUNDS[edge] for edge in edges] == [170.0, 100.0, 40.0]


def test_edges_that_hardly_anything_exceeds_are_not_chosen():
    """With a hundred requests, p99 is one of them."""
    edges = choose_edges(METRIC, lognormal(100))

    assert all(beyond(lognormal(100), edge) >= 3 for edge in edges)


@pytest.mark.parametrize("buckets", [(0,) * 14, (9, *(0,) * 13), (*(0,) * 13, 9)])
def test_a_histogram_that_no_edge_divides_has_none(buckets):
    assert choose_edges(METRIC, buckets) == ()


@pytest.mark.parametrize("times", [1.05, 1.25, 2.0])
@pytest.mark.parametrize("edge", [4, 6, 8])
def test_slower_is_read_as_more_that_exceed(times, edge):
    before = lognormal(1_000_000)
    truth = beyond(lognormal(1_000_000, slower=times), edge) / beyond(before, edge)

    found = Shape(BOUNDS, before, edge).exceedances(times)

    assert found == pytest.approx(truth, rel=0.06)


def test_where_the_histogram_bends_the_canary_has_the_doubt():
    """Most in one bucket, a long tail: the steeper side of the edge is taken."""
    bent = (0, 0, 0, 0, 9000, 0, 0, 200, 200, 200, 200, 200, 0, 0)

    assert Shape(BOUNDS, bent, 4).exceedances(1.05) > 1.05


def test_a_slowdown_is_the_inverse_of_exceedances():
    shape = Shape(BOUNDS, lognormal(10_000), 6)

    assert shape.slowdown(shape.exceedances(1.4)) == pytest.approx(1.4)
    assert shape.slowdown(1e9) <= 20


def test_a_shape_at_the_first_or_last_bound_is_finite():
    buckets = lognormal(1000)

    for edge in (0, len(BOUNDS) - 1):
        assert 1 < Shape(BOUNDS, buckets, edge).exceedances(1.25) < 1e6
