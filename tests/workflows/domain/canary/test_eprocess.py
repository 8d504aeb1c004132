import random
from math import exp, log

import pytest

from bench.judging.simulation import binomial
from tests.workflows.domain.canary.streams_of import counted, gauged
from workflows.domain.canary.dispersion import dispersion
from workflows.domain.canary.eprocess import log_harm, log_safe, log_sum


def test_no_evidence_before_there_are_events():
    """The bets on a harm that begins later are not placed yet, so it is a little below 0."""
    assert -log(2) <= harm(counted([(0, 10, 0, 10)] * 5)) < 0


def test_evidence_grows_with_lasting_harm():
    few, many = (harm(drawn(1, ratio=2.0, cells=cells)) for cells in (8, 30))

    assert log(20) < few < many


def test_harm_that_begins_late_is_found_as_well():
    late = counted([*equal(2, 20), *worse(2, 12)])

    assert harm(late) > log(20)


@pytest.mark.parametrize("ratio", [1.0, 1.1])
def test_what_is_tolerated_seldom_makes_much_at_any_look(ratio):
    """Ville: an e-value of 10 at any of 30 looks, in at most one run of ten."""
    exceeded = 0
    for seed in range(60):
        cells = drawn(seed, ratio=ratio, cells=30).cells
        stream = drawn(seed, ratio=ratio, cells=30)
        exceeded += any(
            harm(stream._replace(cells=cells[:look])) > log(10) for look in range(4, 31, 2)
        )

    assert exceeded <= 6


def test_the_worst_cells_alone_are_not_enough():
    blip = counted([*equal(3, 10), *[(900, 1000, 10, 1000)] * 3, *equal(4, 10)])

    assert harm(blip, blips=0) > log(1e6)
    assert harm(blip, blips=3) < log(20)


def test_an_equal_canary_is_shown_safe():
    calm = drawn(5, ratio=1.0, cells=40)

    assert log_safe(calm, dispersion(calm), blips=3) > log(20)
    assert harm(calm) < 0


def test_an_unsafe_canary_is_not():
    unsafe = drawn(6, ratio=1.6, cells=40)

    assert log_safe(unsafe, dispersion(unsafe), blips=3) < 0


def test_a_gauge_that_rises_is_harmful_and_one_that_does_not_is_safe():
    draws = random.Random(7)
    flat = [(exp(draws.gauss(0, 0.1)), 1.0) for _ in range(40)]
    risen = [(1.4 * x, y) for x, y in flat]

    assert harm(gauged(risen)) > log(20)
    assert harm(gauged(flat)) < log(3)
    assert log_safe(gauged(flat), dispersion(gauged(flat)), blips=3) > log(20)


def test_log_sum_does_not_overflow():
    assert log_sum([1000.0, 1000.0]) == pytest.approx(1000 + log(2))
    assert log_sum([]) < -1e100


def harm(stream, *, blips=3):
    return log_harm(stream, dispersion(stream), blips=blips, half_life=1800)


def drawn(seed, *, ratio, cells):
    draws = random.Random(seed)
    return counted([_cell(draws, ratio) for _ in range(cells)])


def equal(seed, cells):
    draws = random.Random(seed)
    return [_cell(draws, 1.0) for _ in range(cells)]


def worse(seed, cells):
    draws = random.Random(seed)
    return [_cell(draws, 3.0) for _ in range(cells)]


def _cell(draws, ratio):
    return (binomial(draws, 1000, 0.02 * ratio), 1000, binomial(draws, 1000, 0.02), 1000)
