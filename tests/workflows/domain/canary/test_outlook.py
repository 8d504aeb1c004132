"""What is planned before a stage begins comes from what the present version serves now."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.domain.canary.watching import ERROR_RATE, a_judge
from workflows.domain.canary.config import MetricConfig
from workflows.domain.canary.outlook import base_rate, outlook
from workflows.domain.canary.traffic import Traffic

HOUR = 3600.0
LATENCY = MetricConfig(name="p99", type="histogram", field="latency")


def traffic(rps=50.0, errors=0.01, **more):
    requests = rps * HOUR
    values = {"requests": requests, "errors": requests * errors, **more}
    return Traffic(seconds=HOUR, values=values)


def test_enough_traffic_is_told_as_enough():
    plan = outlook(a_judge(), traffic(), percent=10)

    assert plan.conclusive
    assert plan.floor <= plan.seconds <= plan.cap
    assert plan.reason.endswith("min at 50 rps")


def test_too_little_traffic_is_told_and_not_hidden():
    plan = outlook(a_judge(), traffic(rps=0.3), percent=10)

    assert not plan.conclusive
    assert plan.seconds == plan.cap
    assert plan.reason.startswith("cannot conclude within ")
    assert "at 0.3 rps" in plan.reason


def test_what_the_author_allows_bounds_the_plan():
    plan = outlook(a_judge(), traffic(rps=5.0), percent=1, at_most=600.0)

    assert plan.seconds <= 600.0
    assert not plan.conclusive


@given(rps=st.floats(0.1, 1000), times=st.floats(1, 100))
def test_more_traffic_never_takes_longer(rps, times):
    few = outlook(a_judge(), traffic(rps=round(rps, 1)), percent=10)
    many = outlook(a_judge(), traffic(rps=round(rps * times, 1)), percent=10)

    assert many.seconds <= few.seconds + 1e-6


@given(percent=st.integers(1, 49))
def test_a_larger_share_never_takes_longer(percent):
    small = outlook(a_judge(), traffic(), percent=percent)

    assert outlook(a_judge(), traffic(), percent=percent + 1).seconds <= small.seconds + 1e-6


@pytest.mark.parametrize(
    "unknown",
    [Traffic(known=False, reason="down"), Traffic(seconds=HOUR, values={"requests": 0.0})],
)
def test_of_unknown_traffic_nothing_is_assumed(unknown):
    plan = outlook(a_judge(), unknown, percent=10)

    assert base_rate(ERROR_RATE, unknown) is None
    assert not plan.conclusive
    assert plan.seconds == plan.floor
    assert "no base rate is known" in plan.reason


def test_a_ratio_that_never_was_is_as_if_it_had_been_half_a_time():
    found = base_rate(ERROR_RATE, Traffic(seconds=1, values={"requests": 99.0, "errors": 0.0}))

    assert found.base == pytest.approx(0.005)
    assert found.units == 1.0


def test_a_ratio_of_something_rarer_than_requests_has_fewer_units():
    conversion = MetricConfig(
        name="conversion", type="ratio", numerator="orders", denominator="visits"
    )

    found = base_rate(conversion, traffic(visits=18_000.0, orders=900.0))

    assert found.units == pytest.approx(0.1)
    assert found.base == pytest.approx(0.05, rel=0.01)
    assert base_rate(conversion, traffic()) is None


def test_a_count_is_so_many_events_for_each_request():
    orders = MetricConfig(name="orders", type="count", numerator="orders")

    assert base_rate(orders, traffic(orders=1800.0)).base == pytest.approx(0.01)
    assert base_rate(orders, traffic()) is None


def test_a_gauge_is_known_where_it_was_seen():
    cpu = MetricConfig(name="cpu", type="gauge", field="cpu")

    assert base_rate(cpu, traffic(cpu=0.5)) is not None
    assert base_rate(cpu, traffic()) is None


def test_how_latencies_spread_is_read_from_their_buckets():
    """The p90 lies e^0.64 times above the median: half a unit of spread."""
    bounds, counts = (100.0, 200.0, 400.0), (500, 400, 100, 0)
    seen = Traffic(
        seconds=HOUR,
        values={"requests": 2000.0},
        histograms={"latency": counts},
        bounds={"latency": bounds},
    )

    found = base_rate(LATENCY, seen)

    assert found.units == 0.5
    assert found.spread == pytest.approx(0.541, abs=0.001)


@pytest.mark.parametrize("counts", [(1000, 0, 0, 0), (0, 0, 0, 1000)])
def test_buckets_too_coarse_to_tell_a_spread_leave_the_usual_one(counts):
    seen = Traffic(
        seconds=HOUR,
        values={"requests": 1000.0},
        histograms={"latency": counts},
        bounds={"latency": (100.0, 200.0, 400.0)},
    )

    assert base_rate(LATENCY, seen).spread == 0.7


@pytest.mark.parametrize("counts", [{}, {"latency": (0, 0)}])
def test_latencies_that_nobody_saw_are_unknown(counts):
    seen = Traffic(seconds=HOUR, values={"requests": 1000.0}, histograms=counts)

    assert base_rate(LATENCY, seen) is None


def test_a_ratio_of_good_events_is_planned_by_its_bad_ones():
    good = MetricConfig(
        name="bad", type="ratio", numerator="good", denominator="requests", complement=True
    )
    served = traffic(good=50.0 * HOUR * 0.99)

    assert base_rate(good, served).base == pytest.approx(0.01, rel=1e-3)
