from itertools import pairwise
from math import comb, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.statistics import Share, chance_if_equal, newcombe, wilson

ALPHAS = st.floats(1e-6, 0.49)


@st.composite
def shares(draw, largest=2000):
    of = draw(st.integers(1, largest))
    return Share(draw(st.integers(0, of)), of)


@pytest.mark.parametrize(
    ("canary", "baseline", "low", "high"),
    [
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(10, 10), Share(0, 20), 0.6791, 1.0),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0),
    ],
)
def test_agrees_with_newcombes_own_table(canary, baseline, low, high):
    """Table II of the paper, 95 % two-sided, that is 2.5 % beyond each end."""
    interval = newcombe(canary, baseline, alpha=0.025)

    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


def test_agrees_with_wilsons_interval_as_newcombe_tabulates_it():
    interval = wilson(Share(15, 148), alpha=0.025)

    assert interval.low == pytest.approx(0.0624, abs=5e-5)
    assert interval.high == pytest.approx(0.1605, abs=5e-5)


@given(shares(), ALPHAS)
def test_a_share_lies_between_its_bounds(share, alpha):
    interval = wilson(share, alpha=alpha)

    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1


@given(shares(), shares(), ALPHAS)
def test_a_difference_lies_between_its_bounds(canary, baseline, alpha):
    interval = newcombe(canary, baseline, alpha=alpha)

    assert -1 - 1e-12 <= interval.low <= interval.estimate <= interval.high <= 1 + 1e-12


@given(shares(), shares(), ALPHAS)
def test_swapping_the_arms_mirrors_the_interval(canary, baseline, alpha):
    one, other = newcombe(canary, baseline, alpha=alpha), newcombe(baseline, canary, alpha=alpha)

    assert isclose(one.low, -other.high, abs_tol=1e-12)
    assert isclose(one.high, -other.low, abs_tol=1e-12)


@given(shares(60), shares(60))
def test_the_exact_test_sums_the_hypergeometric_tail(canary, baseline):
    hits, total = canary.hits + baseline.hits, canary.of + baseline.of
    ways = sum(
        comb(hits, k) * comb(total - hits, canary.of - k)
        for k in range(canary.hits, min(hits, canary.of) + 1)
    )

    chance = chance_if_equal(canary, baseline)

    if chance < 1:
        assert chance == pytest.approx(ways / comb(total, canary.of), rel=1e-9)
    else:
        assert canary.ratio <= baseline.ratio or ways == comb(total, canary.of)


@given(st.integers(1, 300), shares())
def test_more_hits_are_never_likelier(of, baseline):
    chances = [chance_if_equal(Share(hits, of), baseline) for hits in range(of + 1)]

    assert all(later <= earlier * (1 + 1e-9) for earlier, later in pairwise(chances))
