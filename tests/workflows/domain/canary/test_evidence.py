import math

import pytest

from bench.judging.simulation import METRICS, simulated, simulated_config
from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.evidence import Counts, Evidence, coverage, taken
from workflows.domain.canary.judge import begin, look
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

ERRORS = METRICS[0]
CONFIG = JudgeConfig(interval=60, horizon=3600, metrics=(ERRORS,))


def test_five_hundred_windows_of_four_metrics_stay_small():
    """It travels in every heartbeat."""
    config = simulated_config(metrics=(*METRICS, METRICS[1].model_copy(update={"name": "again"})))
    evidence = begin(config)
    for window in simulated(1, rps=1000, windows=500):
        evidence = taken(config, evidence, window)

    assert len(evidence.model_dump_json()) < 30_000


def test_a_judge_that_was_interrupted_goes_on_as_if_it_had_not_been():
    config = simulated_config()
    whole = kept = begin(config)
    for window in simulated(2, windows=90):
        whole, expected = look(config, whole, window)
        kept, found = look(config, Evidence.model_validate_json(kept.model_dump_json()), window)

        assert found == expected


def test_merging_old_cells_loses_no_count():
    config = simulated_config(metrics=(ERRORS,))
    windows = list(simulated(3, windows=200))
    evidence = begin(config)
    for window in windows:
        evidence = taken(config, evidence, window)

    assert len(evidence.cells) <= 72
    assert sum(cell.counts[0].x for cell in evidence.cells) == evidence.canary_errors
    assert sum(cell.counts[0].k for cell in evidence.cells) == evidence.baseline_requests


def test_short_windows_are_put_together():
    config = CONFIG.model_copy(update={"interval": 15})
    evidence = begin(config)
    for at in range(15, 121, 15):
        evidence = taken(config, evidence, window(at))

    assert [cell.at for cell in evidence.cells] == [60, 120]
    assert evidence.cells[0].counts == (Counts(4, 400, 8, 400),)


@pytest.mark.parametrize("at", [60, 30])
def test_a_window_that_is_not_later_changes_nothing(at):
    evidence = taken(CONFIG, begin(CONFIG), window(60))

    assert taken(CONFIG, evidence, window(at)) is evidence


def test_gaps_lower_the_coverage_and_count_nothing():
    evidence = taken(CONFIG, begin(CONFIG), window(60))
    evidence = taken(CONFIG, evidence, JudgeWindow(at=120, canary=ArmWindow()))

    assert coverage(CONFIG, evidence) == 0.5
    assert len(evidence.cells) == 1


def test_windows_that_never_came_lower_the_coverage_too():
    evidence = taken(CONFIG, taken(CONFIG, begin(CONFIG), window(60)), window(600))

    assert coverage(CONFIG, evidence) == pytest.approx(0.2)


def test_the_next_stage_keeps_the_evidence_and_counts_its_own_windows():
    evidence = taken(CONFIG, begin(CONFIG), window(60))
    later = CONFIG.model_copy(update={"stage_begins": 60.0})

    evidence = taken(later, evidence, window(120))

    assert (evidence.stage_windows, len(evidence.cells)) == (1, 2)
    assert coverage(later, evidence) == 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
def test_what_is_no_number_is_no_sample(bad):
    broken = JudgeWindow(
        at=60,
        canary=ArmWindow(values={"requests": 100, "errors": bad}),
        baseline=ArmWindow(values={"requests": 100, "errors": 2}),
    )

    assert taken(CONFIG, begin(CONFIG), broken).cells[0].counts == (None,)


def test_a_count_without_a_denominator_goes_by_the_split():
    crashes = MetricConfig(name="crashes", type="count", numerator="crashes")
    config = JudgeConfig(interval=60, horizon=3600, metrics=(crashes,), split=0.25)
    arm = ArmWindow(values={"crashes": 3})

    evidence = taken(config, begin(config), JudgeWindow(at=60, canary=arm, baseline=arm))

    assert evidence.cells[0].counts == (Counts(3, 0.25, 3, 0.75),)


def test_a_histogram_with_other_bounds_is_no_sample():
    latency = METRICS[1]
    config = JudgeConfig(interval=60, horizon=3600, metrics=(latency,))
    arm = ArmWindow(histograms={"latency": (1, 2, 3)})

    evidence = taken(config, begin(config), JudgeWindow(at=60, canary=arm, baseline=arm))

    assert evidence.cells[0].counts == (None, None, None)


def test_edges_are_chosen_after_the_burn_in_and_stay():
    config = simulated_config(metrics=(METRICS[1],))
    evidence, chosen = begin(config), []
    for one in simulated(4, windows=20):
        evidence = taken(config, evidence, one)
        chosen.append(evidence.edges.get("latency"))

    assert chosen[0] is None
    assert chosen[1] is not None
    assert len(set(chosen[1:])) == 1


def window(at):
    return JudgeWindow(
        at=at,
        canary=ArmWindow(values={"requests": 100, "errors": 1}),
        baseline=ArmWindow(values={"requests": 100, "errors": 2}),
    )
