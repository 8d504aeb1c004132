import pytest

from bench.judging.simulation import METRICS, simulated, simulated_config
from workflows.domain.canary.config import Criticality, scaled
from workflows.domain.canary.judge import judge
from workflows.domain.canary.verdict import MetricStatus, Word
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

ERRORS, LATENCY, CONVERSION = METRICS


def test_the_first_windows_are_no_data_yet():
    verdict = judge(simulated_config(), list(simulated(1, windows=2)))

    assert verdict.word is Word.NO_DATA
    assert verdict.reason == "2 windows in which both versions had traffic, 3 needed"


def test_a_canary_without_traffic_is_no_data_even_at_the_deadline():
    idle = ArmWindow(values={"requests": 0, "errors": 0, "sessions": 0, "conversions": 0})
    windows = [one.model_copy(update={"canary": idle}) for one in simulated(2)]

    assert judge(simulated_config(), windows).word is Word.NO_DATA


def test_gaps_beyond_the_coverage_are_no_data_at_the_deadline():
    windows = [
        one if index % 2 else JudgeWindow(at=one.at) for index, one in enumerate(simulated(3))
    ]

    verdict = judge(simulated_config(), windows)

    assert verdict.word is Word.NO_DATA
    assert verdict.reason == "50 % of the windows have both versions, 60 % needed"


def test_a_metric_that_nobody_counted_is_no_data_at_the_deadline():
    absent = ERRORS.model_copy(update={"name": "refunds", "numerator": "refunds"})

    verdict = judge(simulated_config(metrics=(ERRORS, absent)), list(simulated(4)))

    assert verdict.word is Word.NO_DATA
    assert verdict.reason == "no data of refunds"
    assert verdict.metrics[1].status is MetricStatus.NO_DATA


def test_no_metric_is_no_data():
    assert judge(simulated_config(metrics=()), list(simulated(4))).word is Word.NO_DATA


def test_an_equal_canary_passes_at_the_deadline_and_not_before():
    windows = list(simulated(5, rps=300))

    verdict = judge(simulated_config(), windows)

    assert judge(simulated_config(), windows[:59]).word is Word.INCONCLUSIVE
    assert (verdict.word, verdict.at_deadline) == (Word.PASS, True)


def test_a_safe_canary_passes_early_where_that_is_asked_but_not_before_the_bake():
    config = simulated_config(metrics=(ERRORS,), early_promotion=True)
    windows = list(simulated(6, rps=300))

    assert judge(config, windows[:19]).word is Word.INCONCLUSIVE
    assert judge(config, windows[:19]).metrics[0].status is MetricStatus.SAFE
    assert judge(config, windows[:20]).word is Word.PASS


def test_coverage_forbids_an_early_pass():
    config = simulated_config(metrics=(ERRORS,), early_promotion=True)
    windows = [
        JudgeWindow(at=w.at) if index < 12 else w
        for index, w in enumerate(simulated(6, rps=1000, windows=29))
    ]

    assert judge(config, windows).word is Word.INCONCLUSIVE
    assert judge(config, list(simulated(6, rps=1000, windows=29))).word is Word.PASS


def test_too_little_traffic_is_said_and_does_not_pass():
    verdict = judge(simulated_config(), list(simulated(7, rps=0.2)))

    assert verdict.word is Word.INCONCLUSIVE
    assert verdict.reason.startswith("too little traffic to conclude: errors worse by ")
    assert {m.status for m in verdict.metrics} == {MetricStatus.UNDERPOWERED}


def test_what_is_critical_is_held_until_it_is_shown_safe():
    config = simulated_config(metrics=(CONVERSION,), criticality=Criticality.CRITICAL)

    verdict = judge(config, list(simulated(8, rps=30)))

    assert verdict.word is Word.INCONCLUSIVE
    assert verdict.reason == "not shown safe by the deadline: conversion"


def test_the_burn_in_is_a_warm_up():
    verdict = judge(simulated_config(interval=30), list(simulated(9, interval=30, windows=4)))

    assert verdict.word is Word.INCONCLUSIVE
    assert {m.status for m in verdict.metrics} == {MetricStatus.WARMING_UP}


@pytest.mark.parametrize("rps", [5, 100])
def test_an_open_metric_says_what_would_decide_it(rps):
    verdict = judge(simulated_config(metrics=(ERRORS,)), list(simulated(10, rps=rps, windows=8)))

    (metric,) = verdict.metrics
    assert metric.needed > metric.canary_samples
    assert metric.low < metric.effect < metric.high
    assert metric.safe_in_seconds > 0
    assert "would show by the deadline" in metric.reason


def test_a_demonstration_says_that_it_is_one():
    config = scaled(simulated_config(interval=1, horizon=60), 1 / 60)

    verdict = judge(config, list(simulated(11, interval=1, windows=60, rps=50)))

    assert verdict.time_scale == pytest.approx(1 / 60)
    assert verdict.reason.endswith("(a demonstration: the judge's times are multiplied by 0.0167)")
