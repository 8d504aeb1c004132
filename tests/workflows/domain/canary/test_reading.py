from math import log

import pytest

from bench.judging.simulation import METRICS, simulated, simulated_config
from workflows.domain.canary.evidence import taken
from workflows.domain.canary.judge import begin
from workflows.domain.canary.reading import blips, needed, overall, readings


def test_the_blip_tolerance_is_counted_in_cells():
    assert blips(simulated_config()) == 3
    assert blips(simulated_config(interval=15)) == 3
    assert blips(simulated_config(interval=120)) == 2
    assert blips(simulated_config(interval=300)) == 2
    assert blips(simulated_config(blip=0)) == 0


def test_more_is_needed_while_a_canary_settles():
    config = simulated_config(alpha=0.1)

    assert needed(config, 601) == pytest.approx(log(20))
    assert needed(config, 600) == pytest.approx(log(400))


def test_harm_that_is_over_is_not_trusted():
    """It lasted from minute 2 to 12 of 30."""
    lasting = read(simulated(1, windows=20, worse_errors=3))
    over = read([*list(simulated(1, windows=12, worse_errors=3)), *list(simulated(1))[12:30]])

    assert lasting[0].harm > log(20)
    assert lasting[0].trusted
    assert not over[0].lasting
    assert not over[0].trusted


def test_the_mean_of_e_values_is_weighted():
    read_all = read(simulated(2, windows=10))
    parts = [one._replace(harm=0.0) for one in read_all]

    assert overall(parts) == pytest.approx(0)
    assert overall([parts[0]._replace(harm=log(31)), *parts[1:]]) == pytest.approx(log(11))


def test_a_shared_warm_up_is_not_waited_for():
    falling = [
        *simulated(3, windows=4, worse_errors=6),
        *list(simulated(3, windows=8, worse_errors=2))[4:],
    ]
    shared = METRICS[0].model_copy(update={"warmup": "shared"})

    assert read(falling)[0].starting
    assert not read(falling)[0].trusted
    assert not read(falling, metrics=(shared,))[0].starting


def read(windows, **changes):
    config = simulated_config(**changes)
    evidence = begin(config)
    for window in windows:
        evidence = taken(config, evidence, window)
    return readings(config, evidence)
