import random
from math import exp

from bench.judging.simulation import binomial
from tests.workflows.domain.canary.streams_of import counted
from workflows.domain.canary.dispersion import dispersion


def test_chance_alone_is_soon_known_to_be_chance():
    spread = dispersion(drawn(noise=0.0))

    assert spread.noise < 0.02


def test_noise_of_a_version_is_found():
    """30 % between windows: a variance of 0.09."""
    spread = dispersion(drawn(noise=0.3))

    assert 0.04 < spread.noise < 0.2
    assert spread.factors[-1] > 2 * spread.factors[0]


def test_noise_that_lasts_counts_for_more():
    flighty = dispersion(drawn(noise=0.3)).noise
    lasting = dispersion(drawn(noise=0.3, lasts=0.8)).noise

    assert lasting > 1.3 * flighty


def test_a_factor_knows_nothing_of_its_own_cell():
    calm = [(10, 1000, 10, 1000)] * 10

    before = dispersion(counted(calm)).factors
    with_a_burst = dispersion(counted([*calm[:-1], (20, 1000, 0, 1000)])).factors

    assert with_a_burst == before


def test_what_is_common_varies_less_than_a_binomial():
    half = dispersion(counted([(500, 1000, 500, 1000)], common=0.5))

    assert half.factors[0] < dispersion(counted([(500, 1000, 500, 1000)])).factors[0]


def test_cells_without_events_say_nothing():
    assert dispersion(counted([(0, 10, 0, 10)] * 20)).factors == [1.0] * 20


def drawn(*, noise, lasts=0.0):
    draws = random.Random(4)
    state = 0.0
    cells = []
    for _ in range(60):
        state = lasts * state + (1 - lasts**2) ** 0.5 * draws.gauss(0, noise)
        cells.append(
            (
                binomial(draws, 10_000, 0.02 * exp(state)),
                10_000,
                binomial(draws, 10_000, 0.02),
                10_000,
            )
        )
    return counted(cells)
