from math import log

import pytest

from tests.workflows.domain.canary.streams_of import counted, gauged
from workflows.domain.canary.dispersion import Dispersion
from workflows.domain.canary.effects import log_ratio, points, pooled

CALM = Dispersion([], 0.0)


def test_a_cell_at_the_tolerance_has_no_excess():
    (point,) = points(counted([(110, 1000, 100, 1000)]), CALM)

    assert point.excess == pytest.approx(0)
    assert point.information == pytest.approx(110 * 100 / 210)


def test_noise_takes_from_the_information():
    (noisy,) = points(counted([(110, 1000, 100, 1000)]), Dispersion([], 0.1))

    assert noisy.information == pytest.approx(noisy.chance / (1 + 0.1 * 110 * 100 / 210))


def test_cells_without_events_are_left_out():
    assert points(counted([(0, 10, 0, 10)]), CALM) == []
    assert pooled([]) == (0.0, 0.0)


def test_the_ratio_is_pooled_over_unequal_splits():
    """One percent of traffic, then half of it: Simpson would be pleased."""
    stream = counted([(2, 100, 99, 9900), (500, 5000, 250, 5000)])

    assert log_ratio(stream) == pytest.approx(log(2), abs=0.02)


def test_a_ratio_without_events_is_finite():
    assert log_ratio(counted([(0, 10, 0, 10)])) == pytest.approx(0)
    assert log_ratio(counted([(5, 10, 0, 10)])) > 1


def test_a_gauge_has_the_median_of_its_ratios():
    stream = gauged([(2.0, 1.0), (2.2, 1.1), (90.0, 1.0)])

    assert log_ratio(stream) == pytest.approx(log(2))


def test_a_gauge_is_as_informative_as_it_is_steady():
    steady = points(gauged([(1.0, 1.0), (1.1, 1.0), (0.9, 1.0)]), CALM)
    shaky = points(gauged([(1.0, 1.0), (3.0, 1.0), (0.3, 1.0)]), CALM)

    assert steady[0].information > 10 * shaky[0].information
