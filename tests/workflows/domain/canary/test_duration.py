import pytest

from bench.judging.simulation import METRICS, simulated
from workflows.domain.canary.config import Criticality, JudgeConfig, MetricConfig
from workflows.domain.canary.duration import BaseRate, planned
from workflows.domain.canary.judge import judge
from workflows.domain.canary.verdict import Word

ERRORS, LATENCY, CONVERSION = METRICS
RATES = {"errors": BaseRate(base=0.02), "latency": BaseRate(spread=0.6)}
MINUTE, HOUR = 60, 3600


@pytest.mark.parametrize(
    ("criticality", "rps", "seconds"),
    [
        ("low", 1, 25 * MINUTE),
        ("low", 10, 15 * MINUTE),
        ("low", 100, 15 * MINUTE),
        ("normal", 1, 87 * MINUTE),
        ("normal", 10, 20 * MINUTE),
        ("normal", 100, 20 * MINUTE),
        ("high", 1, 6 * HOUR),
        ("high", 10, 49 * MINUTE),
        ("high", 100, 40 * MINUTE),
        ("critical", 1, 24 * HOUR),
        ("critical", 10, 3.5 * HOUR),
        ("critical", 100, 60 * MINUTE),
    ],
)
def test_the_table_of_the_specification(criticality, rps, seconds):
    found = planned(config(criticality), RATES, rps=rps, split=0.5)

    assert found.seconds == pytest.approx(seconds, rel=0.1)


@pytest.mark.parametrize("criticality", ["high", "critical"])
def test_one_request_a_second_does_not_show_what_is_critical(criticality):
    found = planned(config(criticality), RATES, rps=1, split=0.5)

    assert not found.conclusive
    assert found.reason.startswith("cannot conclude within ")
    assert found.metrics[1].smallest > found.metrics[1].worsening


def test_it_is_said_what_cannot_be_concluded_at_this_traffic():
    found = planned(
        config("normal"), {"errors": BaseRate(base=0.01)}, rps=0.3, split=0.1, cap=4 * HOUR
    )

    assert found.reason.startswith("cannot conclude within 4 h at 0.3 rps: errors worse by 100 %")
    assert "the smallest that shows is" in found.metrics[0].reason
    assert found.metrics[1].reason == "latency: no base rate is known"


def test_a_business_kpi_cannot_gate_one_stage_below_a_hundred_requests_a_second():
    kpi = JudgeConfig(interval=60, horizon=HOUR, metrics=(CONVERSION,))
    rates = {"conversion": BaseRate(base=0.05, units=0.15)}

    few, many = (planned(kpi, rates, rps=rps, split=0.5) for rps in (10, 100))

    assert few.metrics[0].seconds > 10 * HOUR
    assert not few.conclusive
    assert many.conclusive


def test_the_smallest_worsening_is_the_one_that_just_takes_the_cap():
    found = planned(config("normal"), RATES, rps=0.5, split=0.5)
    latency = found.metrics[1]

    at_smallest = config("normal").model_copy(
        update={"metrics": (ERRORS, LATENCY.model_copy(update={"name": "latency"}))}
    )
    longer = planned(at_smallest, RATES, rps=0.5, split=0.5, cap=latency.seconds)

    assert not latency.conclusive
    assert longer.metrics[1].conclusive
    assert longer.metrics[1].smallest == pytest.approx(latency.worsening, rel=1e-3)


def test_the_whole_fleet_as_a_baseline_needs_less_time_than_an_equal_sample():
    one = JudgeConfig(interval=60, horizon=HOUR, metrics=(ERRORS,))
    fleet = planned(one, RATES, rps=10, split=0.1).metrics[0].seconds
    sample = planned(one, RATES, rps=2, split=0.5).metrics[0].seconds

    assert fleet < sample


@pytest.mark.parametrize(
    ("metric", "rate"),
    [
        (MetricConfig(name="m", type="count", numerator="c"), BaseRate(base=0.01)),
        (MetricConfig(name="m", type="gauge", field="g", tolerance=0.05), BaseRate(spread=0.3)),
        (ERRORS.model_copy(update={"name": "m", "direction": "both"}), BaseRate(base=0.01)),
    ],
)
def test_every_type_can_be_planned(metric, rate):
    found = planned(
        JudgeConfig(interval=60, horizon=HOUR, metrics=(metric,)), {"m": rate}, rps=50, split=0.5
    )

    assert 300 < found.metrics[0].seconds < 3 * HOUR


@pytest.mark.parametrize(("rps", "base"), [(0, 0.01), (10, 0.0)])
def test_without_traffic_or_events_nothing_shows(rps, base):
    one = JudgeConfig(interval=60, horizon=HOUR, metrics=(ERRORS,))

    found = planned(one, {"errors": BaseRate(base=base)}, rps=rps, split=0.5)

    assert found.metrics[0].seconds is None
    assert found.metrics[0].smallest is None
    assert "no worsening shows" in found.reason


def test_the_power_that_is_planned_is_the_power_there_is():
    """Errors doubled, in a stage as long as planned for a power of 0.8."""
    base, rps = 0.01, 4
    one = JudgeConfig(interval=60, horizon=HOUR, metrics=(ERRORS,))
    needs = planned(one, {"errors": BaseRate(base=base)}, rps=rps, split=0.5).metrics[0].seconds
    windows = round(needs / 60)
    stage = one.model_copy(update={"horizon": 60.0 * windows})

    found = sum(
        judge(
            stage, list(simulated(seed, rps=rps, windows=windows, errors=base, worse_errors=2))
        ).word
        is Word.FAIL
        for seed in range(60)
    )

    assert 0.65 < found / 60 < 0.97


def config(criticality):
    return JudgeConfig(
        interval=60, horizon=HOUR, criticality=Criticality(criticality), metrics=(ERRORS, LATENCY)
    )
