import random

import pytest

from bench.judging.simulation import METRICS, simulated, simulated_config
from workflows.domain.canary import confidence
from workflows.domain.canary.evidence import taken
from workflows.domain.canary.judge import begin
from workflows.domain.canary.reading import readings


def test_the_sequence_covers_the_truth_at_all_looks_at_once():
    draws = random.Random(1)
    missed = 0
    for _ in range(300):
        total = 0.0
        for seen in range(1, 61):
            total += draws.gauss(0, 1) / 5**0.5
            # Sixty looks at a mean whose information grows by 5 a look.
            if abs(total / seen) > confidence.half_width(5.0 * seen, 0.1):
                missed += 1
                break

    assert missed <= 30


def test_it_narrows_as_information_comes_in():
    assert confidence.half_width(400, 0.05) < confidence.half_width(100, 0.05) / 1.7


@pytest.mark.parametrize(
    ("index", "worse", "truth"),
    [
        (0, {"worse_errors": 2.0}, 1.0),
        (1, {"slower": 1.3}, 0.3),
        (2, {"fewer_conversions": 0.7}, -0.3),
    ],
)
def test_the_effect_is_in_the_metric_s_own_terms(index, worse, truth):
    found = confidence.effect(read(index, rps=200, **worse), alpha=0.05)

    assert found.low < truth < found.high
    assert found.estimate == pytest.approx(truth, abs=0.12)


def test_what_is_seen_to_be_harmful_is_projected_to_be_shown():
    outlook = told(read(0, worse_errors=1.5, rps=5, windows=10))

    assert outlook.harm_in > 0
    assert outlook.growth > 1


def test_what_is_tolerated_is_never_harm():
    assert told(read(0, worse_errors=0.9, rps=200)).harm_in is None


def test_more_traffic_detects_less():
    few, many = (told(read(0, rps=rps)).detectable for rps in (3, 300))

    assert 0.1 < many < few


def told(one):
    return confidence.outlook(one, judged=600, left=3000, z_harm=2.8, z_safe=2.5)


def read(index, *, windows=30, **worse):
    config = simulated_config(metrics=(METRICS[index],))
    evidence = begin(config)
    for window in simulated(5, windows=windows, **worse):
        evidence = taken(config, evidence, window)
    return readings(config, evidence)[0]
