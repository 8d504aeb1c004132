import random

import pytest

from workflows.domain.canary.boundaries import boundaries, due, statistic
from workflows.domain.canary.effects import Point


def test_one_look_is_a_plain_test():
    (bound,) = boundaries(0.025, 1)

    assert bound == pytest.approx(1.96, abs=0.01)


def test_early_looks_ask_for_more():
    found = boundaries(0.02, 12)

    assert list(found) == sorted(found, reverse=True)


def test_a_walk_without_drift_crosses_as_seldom_as_alpha_says():
    draws = random.Random(1)
    bounds = boundaries(0.1, 12)
    crossed = 0
    for _ in range(4000):
        total = 0.0
        for look, bound in enumerate(bounds, start=1):
            total += draws.gauss(0, 1)
            if total / look**0.5 > bound:
                crossed += 1
                break

    assert 0.085 < crossed / 4000 < 0.115


@pytest.mark.parametrize(
    ("elapsed", "looks"), [(0, 0), (299, 0), (300, 1), (1800, 6), (3600, 12), (9000, 12), (-60, 0)]
)
def test_looks_are_due_in_equal_parts_of_the_horizon(elapsed, looks):
    assert due(elapsed, 3600, 12) == looks


def test_too_few_cells_say_nothing():
    assert statistic(cells([5.0] * 5), blips=0) == 0


def test_a_lasting_excess_is_many_standard_errors_away():
    draws = random.Random(2)

    found = statistic(cells([0.3 + draws.gauss(0, 0.1) for _ in range(40)]), blips=3)

    assert found > 5


def test_the_worst_cells_count_no_more_than_the_next():
    """So that a conclusion does not rest on them."""
    draws = random.Random(3)
    calm = [draws.gauss(0, 0.1) for _ in range(15)]

    found = statistic(cells([*calm, 9.0, 9.0, 9.0]), blips=3)

    assert found == pytest.approx(statistic(cells([*calm, *[max(calm)] * 3]), blips=3))
    assert statistic(cells([*calm, 9.0, 9.0, 9.0]), blips=0) != pytest.approx(found)


def test_identical_cells_are_not_infinitely_sure():
    """Chance alone makes cells vary; that they happen not to is not evidence."""
    found = statistic(cells([0.1] * 10), blips=0)

    assert found == pytest.approx(0.1 * 1000**0.5, rel=0.5)


def cells(excesses):
    return [Point(60.0 * at, excess, 100.0, 100.0) for at, excess in enumerate(excesses)]
