from math import exp

import pytest

from bench.judging.simulation import simulated_config
from workflows.domain.canary.effects import Point
from workflows.domain.canary.warmup import decays, defers, judged_from, shrunk_by

CONFIG = simulated_config()
STARTING = [2.0 * exp(-at / 4) - 0.1 for at in range(8)]
WORSE = [0.5] * 8


def test_a_start_up_that_shrinks_counts_from_its_later_half():
    found = cells(STARTING)

    assert shrunk_by(found) > 2
    assert judged_from(CONFIG, found, 480) == found[3].at


def test_lasting_harm_counts_from_the_beginning():
    assert judged_from(CONFIG, cells(WORSE), 480) is None


def test_after_the_settling_all_counts():
    assert judged_from(CONFIG, cells(STARTING), 601) is None


@pytest.mark.parametrize(
    ("excesses", "now", "deferred"),
    [
        pytest.param(STARTING, 480, True, id="a start-up is deferred"),
        pytest.param(WORSE, 480, False, id="lasting harm is not"),
        pytest.param(STARTING, 1500, True, id="decay to something tolerated, still deferred"),
        pytest.param(STARTING, 1801, False, id="but not for ever"),
        pytest.param([x + 0.6 for x in STARTING], 1500, False, id="decay to harm is harm"),
    ],
)
def test_what_is_deferred(excesses, now, deferred):
    assert defers(CONFIG, cells(excesses), now) is deferred


def test_a_rise_is_no_decay():
    assert not decays(CONFIG, cells(STARTING[::-1]))


def test_two_cells_are_too_few_to_tell():
    assert shrunk_by(cells([1.0])) == 0
    assert not decays(CONFIG, cells([1.0, 0.0]))


def cells(excesses):
    return [Point(60.0 * (at + 3), excess, 50.0, 50.0) for at, excess in enumerate(excesses)]
