import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.statistics import Share, wilson

ALPHAS = st.floats(1e-6, 0.49)


@st.composite
def shares(draw, largest=2000):
    of = draw(st.integers(1, largest))
    return Share(draw(st.integers(0, of)), of)


def test_agrees_with_wilsons_interval_as_newcombe_tabulates_it():
    """Statistics in Medicine 17 (1998), 857-872, Table I: 95 % two-sided."""
    interval = wilson(Share(15, 148), alpha=0.025)

    assert interval.low == pytest.approx(0.0624, abs=5e-5)
    assert interval.high == pytest.approx(0.1605, abs=5e-5)


@given(shares(), ALPHAS)
def test_a_share_lies_between_its_bounds(share, alpha):
    interval = wilson(share, alpha=alpha)

    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1


@given(shares(), ALPHAS)
def test_more_hits_never_lower_a_bound(share, alpha):
    more = Share(min(share.of, share.hits + 1), share.of)
    less, greater = wilson(share, alpha=alpha), wilson(more, alpha=alpha)

    assert less.low <= greater.low + 1e-12
    assert less.high <= greater.high + 1e-12


@given(shares(), ALPHAS)
def test_hits_and_misses_are_mirrored(share, alpha):
    misses = wilson(Share(share.of - share.hits, share.of), alpha=alpha)

    assert wilson(share, alpha=alpha).low == pytest.approx(1 - misses.high, abs=1e-9)
