import pytest

from bench.judging.simulation import METRICS, simulated, simulated_config
from workflows.domain.canary.config import MetricConfig
from workflows.domain.canary.evidence import Counts, taken
from workflows.domain.canary.judge import begin
from workflows.domain.canary.streams import margins, step, streams


def test_a_ratio_is_one_stream_and_a_histogram_three():
    found = streams_after(10, simulated_config())

    assert [s.metric.name for s in found] == ["errors", *["latency"] * 3, "conversion"]
    assert sum(s.weight for s in found) == pytest.approx(1)
    assert [round(s.weight, 3) for s in found] == [0.333, 0.111, 0.111, 0.111, 0.333]


def test_weights_are_relative():
    metrics = (METRICS[0].model_copy(update={"weight": 3.0}), METRICS[2])

    assert [s.weight for s in streams_after(10, simulated_config(metrics=metrics))] == [0.75, 0.25]


def test_a_decrease_is_judged_with_the_versions_swapped():
    (stream,) = streams_after(10, simulated_config(metrics=(METRICS[2],)))
    (plain,) = streams_after(
        10, simulated_config(metrics=(METRICS[2].model_copy(update={"direction": "increase"}),))
    )

    (_, ours), (_, theirs) = stream.cells[0], plain.cells[0]
    assert ours == Counts(theirs.y, theirs.k, theirs.x, theirs.n)
    assert stream.null == pytest.approx(1 / 0.99)
    assert stream.effect(1 / 0.9) == pytest.approx(-0.1)


def test_either_direction_is_two_streams_of_half_the_weight():
    both = METRICS[0].model_copy(update={"direction": "both"})

    up, down = streams_after(10, simulated_config(metrics=(both,)))

    assert (up.swapped, down.swapped) == (False, True)
    assert up.weight == down.weight == 0.5
    assert up.null == pytest.approx(1.1)
    assert down.null == pytest.approx(1 / 0.9)


def test_the_burn_in_is_not_judged_unless_the_baseline_starts_too():
    own = streams_after(5, simulated_config(metrics=(METRICS[0],)))
    shared_metric = METRICS[0].model_copy(update={"warmup": "shared"})
    shared = streams_after(5, simulated_config(metrics=(shared_metric,)))

    assert [at for at, _ in own[0].cells] == [180, 240, 300]
    assert len(shared[0].cells) == 5


def test_a_latency_tolerance_becomes_a_ratio_of_exceedances():
    tail, p90, middle = streams_after(10, simulated_config(metrics=(METRICS[1],)))

    assert tail.null > p90.null > middle.null > 1.02
    assert tail.effect(tail.null) == pytest.approx(0.05)


def test_a_margin_below_the_tolerance_is_moved_above_it():
    metric = MetricConfig(
        name="errors",
        type="ratio",
        numerator="errors",
        denominator="requests",
        tolerance=0.2,
        margin=0.1,
    )
    (stream,) = streams_after(5, simulated_config(metrics=(metric,)))

    assert stream.unsafe > stream.null
    assert step(stream) > 0
    assert margins(metric.model_copy(update={"tolerance": -1.0})) == (0.0, 0.1)


def test_a_metric_without_samples_has_no_stream():
    absent = METRICS[0].model_copy(update={"numerator": "absent"})

    assert streams_after(10, simulated_config(metrics=(absent,))) == []


def streams_after(windows, config):
    evidence = begin(config)
    for window in simulated(1, windows=windows):
        evidence = taken(config, evidence, window)
    return streams(config, evidence)
