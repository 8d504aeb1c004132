"""What a release may cost: sums, limits, and the weights that fit."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.harm import (
    Harm,
    HarmBudget,
    LostFigure,
    Served,
    crossed,
    expected_detection,
    heaviest,
)

COUNTS = st.integers(0, 10_000)
FIGURES = st.integers(0, 10_000).map(float)  # whole, so that sums are exact
SERVED = st.builds(
    Served,
    requests=COUNTS,
    failed=COUNTS,
    baseline_requests=COUNTS,
    baseline_failed=COUNTS,
    gained=FIGURES,
    asked=FIGURES,
    baseline_gained=FIGURES,
    baseline_asked=FIGURES,
)
HARM = st.builds(Harm, failed_requests=COUNTS, lost=FIGURES)
NOTHING = Served()
RATES = st.floats(0.01, 10_000)


def weight(allowed=100, *, spent=0, served=NOTHING, rps=10.0, detects_after=10.0):
    return heaviest(
        HarmBudget(failed_requests=allowed),
        spent=Harm(failed_requests=spent),
        served=served,
        rps=rps,
        detects_after=detects_after,
    )


@given(SERVED, SERVED, SERVED)
def test_what_was_served_adds_up_in_any_order(one, two, three):
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + Served() == one


@given(SERVED, SERVED)
def test_every_figure_of_what_was_served_is_added(one, two):
    both = one + two

    for name in Served.model_fields:
        assert getattr(both, name) == getattr(one, name) + getattr(two, name)


@given(HARM, HARM)
def test_harm_adds_up(one, two):
    both = one + two

    assert both.failed_requests == one.failed_requests + two.failed_requests
    assert both.lost == one.lost + two.lost
    assert one + Harm() == one


def test_what_is_lost_is_what_the_old_version_would_have_brought_and_the_new_one_did_not():
    served = Served(asked=200, gained=10, baseline_asked=1000, baseline_gained=100)

    assert served.harm.lost == pytest.approx(10)


@pytest.mark.parametrize(
    "served",
    [
        Served(asked=100, gained=30, baseline_asked=100, baseline_gained=10),  # it brings more
        Served(asked=0, gained=0, baseline_asked=100, baseline_gained=10),
        Served(asked=100, gained=0),  # nothing is beside it
    ],
)
def test_nothing_is_lost_where_nothing_is_known_to_be(served):
    assert served.harm.lost == 0


def test_a_budget_may_be_used_up_and_not_crossed():
    budget = HarmBudget(failed_requests=10, lost=LostFigure(metric="orders", amount=5))

    assert crossed(budget, Harm(failed_requests=10, lost=5)) is None
    assert crossed(budget, Harm(failed_requests=11)) == (
        "harm budget: 11 failed requests, allowed 10"
    )
    assert crossed(budget, Harm(lost=5.25)) == "harm budget: 5.2 lost of orders, allowed 5"


@pytest.mark.parametrize("budget", [None, HarmBudget()])
def test_without_a_budget_nothing_crosses_it(budget):
    assert crossed(budget, Harm(failed_requests=10**9, lost=1e9)) is None
    assert heaviest(budget, spent=Harm(), served=Served(), rps=1e6, detects_after=1e6) == 100


def test_a_budget_of_no_failure_at_all_is_crossed_by_the_first():
    budget = HarmBudget(failed_requests=0)

    assert crossed(budget, Harm()) is None
    assert crossed(budget, Harm(failed_requests=1)) is not None


def test_a_version_nobody_has_seen_may_fail_every_request():
    """10 a second for 10 s at 50 % are 50 requests, all of which may fail."""
    assert weight(50) == 50
    assert weight(50, spent=20) == 30


def test_what_has_served_well_may_take_more():
    trusted = Served(requests=10_000, failed=10)

    assert weight(5) == 5
    assert weight(5, served=trusted) == 100


def test_what_is_known_to_fail_is_trusted_no_more_than_it_earned():
    failing = Served(requests=10_000, failed=5_000)

    assert weight(20, served=failing) in range(35, 41)


@pytest.mark.parametrize("spent", [100, 101])
def test_nothing_fits_into_a_budget_that_is_used_up(spent):
    assert weight(100, spent=spent) == 0


def test_without_traffic_nothing_can_be_harmed():
    assert weight(1, rps=0.0) == 100


@given(
    allowed=COUNTS, more=COUNTS, rps=RATES, served=SERVED.filter(lambda s: s.failed <= s.requests)
)
def test_a_larger_budget_allows_no_less(allowed, more, rps, served):
    assert weight(allowed, rps=rps, served=served) <= weight(
        allowed + more, rps=rps, served=served
    )


@given(allowed=COUNTS, rps=RATES, times=st.floats(1, 100), seconds=st.floats(1, 600))
def test_more_traffic_or_a_later_discovery_allows_no_more(allowed, rps, times, seconds):
    here = weight(allowed, rps=rps, detects_after=seconds)

    assert 0 <= here <= 100
    assert weight(allowed, rps=rps * times, detects_after=seconds) <= here
    assert weight(allowed, rps=rps, detects_after=seconds * times) <= here


@given(spent=st.integers(0, 200), more=st.integers(0, 200))
def test_what_is_spent_is_not_there_to_be_spent_again(spent, more):
    assert weight(200, spent=spent + more) <= weight(200, spent=spent)


def cost_of(dice, *, allowed, fails, rps, interval):
    """What a bad release costs that nothing but its budget ends, and what was not to be saved.

    That is what fails from the beginning of the window in which the budget is crossed until the
    traffic is back: at most one detection's requests.
    """
    budget, spent, served = HarmBudget(failed_requests=allowed), Harm(), Served()
    detects = expected_detection(interval=interval, settles=0.0)
    for asked in (10, 50, 100):
        fits = heaviest(budget, spent=spent, served=served, rps=rps, detects_after=detects)
        share = min(asked, fits) / 100
        for _ in range(20):
            window = seen(dice, round(rps * interval * share), fails)
            spent, served = spent + window.harm, served + window
            if crossed(budget, spent) is not None:
                late = seen(dice, round(rps * (detects - 2 * interval) * share), fails)
                return (spent + late.harm).failed_requests, rps * detects * share * fails
    return spent.failed_requests, 0.0


def seen(dice, requests, fails):
    return Served(requests=requests, failed=sum(dice.random() < fails for _ in range(requests)))


@pytest.mark.parametrize("fails", [0.03, 0.3, 1.0])
def test_a_bad_release_costs_no_more_than_its_budget_and_one_detection(fails):
    """In 99 of 100 releases at the least; what is not found yet is what nobody can save."""
    dice = random.Random(9)
    costs = [cost_of(dice, allowed=40, fails=fails, rps=50.0, interval=5.0) for _ in range(200)]

    assert sum(spent <= 40 + unseen + 3 * unseen**0.5 for spent, unseen in costs) >= 198
    assert max(spent for spent, _ in costs) <= 2 * 40


def test_a_version_that_fails_everything_at_once_stays_within_the_budget():
    """The weight was chosen so that all of one detection's requests may fail."""
    dice = random.Random(10)
    detects = expected_detection(interval=5.0, settles=0.0)
    percent = heaviest(
        HarmBudget(failed_requests=40),
        spent=Harm(),
        served=Served(),
        rps=20.0,
        detects_after=detects,
    )
    failed = [
        sum(dice.random() < percent / 100 for _ in range(round(20.0 * detects)))
        for _ in range(500)
    ]

    assert percent > 0
    assert sum(cost <= 40 + 3 * 40**0.5 for cost in failed) >= 495


def test_a_detection_takes_two_looks_late_points_and_the_way_back():
    assert expected_detection(interval=10.0, settles=3.0) == 25.0
