"""Regressions told from noise, against simulations in which the truth is known."""

import random
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.attestations.benchmark import MOST_PAIRS, compare
from workflows.domain.spec.criteria import CONFIDENCES
from workflows.domain.values import digest_of

ROUNDS = 250


def noise(rng, kind):
    """A factor with heavy or skewed tails, as measured times have them."""
    if kind == "normal":
        return exp(rng.gauss(0, 0.1))
    if kind == "spikes":
        return exp(abs(rng.gauss(0, 0.03)) + (rng.random() < 0.1) * rng.expovariate(2))
    return exp(rng.gauss(0, 0.05) + (rng.random() < 0.5) * 0.3)


def measured(rng, *, truth, pairs, kind):
    """Pairs in which the candidate is truly worse by *truth*, both with the same noise."""
    return [(100 * noise(rng, kind), 100 * (1 + truth) * noise(rng, kind)) for _ in range(pairs)]


def bound(pairs, *, confidence=0.95, seed="a"):
    case = compare("c", pairs, higher_is_better=False, seed=digest_of(seed))
    return {each.confidence: each.worsening for each in case.bounds}[confidence]


@pytest.mark.parametrize("kind", ["normal", "spikes", "bimodal"])
@pytest.mark.parametrize("pairs", [8, 24])
def test_a_regression_at_the_limit_is_let_through_no_more_often_than_the_confidence_says(
    kind, pairs
):
    """The bound lies below the truth in at most 5 of 100 cases; 4 standard errors of room."""
    rng = random.Random(f"{kind} {pairs}")
    missed = 0
    for each in range(ROUNDS):
        found = bound(measured(rng, truth=0.05, pairs=pairs, kind=kind), seed=str(each))
        missed += found is not None and found < 0.05

    assert missed / ROUNDS <= 0.05 + 4 * (0.05 * 0.95 / ROUNDS) ** 0.5


def test_builds_that_are_alike_pass_and_a_real_regression_does_not():
    rng = random.Random(7)
    alike = [bound(measured(rng, truth=0, pairs=100, kind="normal")) for _ in range(40)]
    worse = [bound(measured(rng, truth=0.15, pairs=100, kind="normal")) for _ in range(40)]

    assert sum(each <= 0.05 for each in alike) >= 34
    assert all(each > 0.05 for each in worse)


@pytest.mark.parametrize(("pairs", "confidence"), [(1, 0.9), (3, 0.9), (4, 0.95), (6, 0.99)])
def test_too_few_pairs_bound_nothing_however_good_they_look(pairs, confidence):
    """With n pairs nothing can be surer than 1 - 1/2^n."""
    assert bound([(100.0, 50.0)] * pairs, confidence=confidence) is None


def test_more_confidence_is_a_wider_bound():
    pairs = measured(random.Random(1), truth=0, pairs=30, kind="normal")

    bounds = [bound(pairs, confidence=each) for each in CONFIDENCES]

    assert bounds == sorted(bounds)


def test_of_throughput_less_is_worse():
    case = compare("c", [(100.0, 80.0)] * 20, higher_is_better=True, seed=digest_of("a"))

    assert case.worsening == pytest.approx(0.25)
    assert all(each.worsening == pytest.approx(0.25) for each in case.bounds)


times = st.floats(1e-3, 1e6)


@given(st.lists(st.tuples(times, times), min_size=1, max_size=MOST_PAIRS), st.text(max_size=5))
def test_the_same_file_always_gives_the_same_bounds(pairs, seed):
    first = compare("c", pairs, higher_is_better=False, seed=digest_of(seed))

    assert compare("c", pairs, higher_is_better=False, seed=digest_of(seed)) == first
    assert first.pairs == len(pairs)
