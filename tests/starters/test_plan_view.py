from datetime import timedelta

import pytest

from starters.plan_view import longest, plan_as_json, plan_as_text, shortest, step_text
from tests.builders import a_catalog, a_release, a_service, an_order, analysis
from workflows.domain.admission import admit

SOON = {"setWeight": 100}


def plan_with(*steps, **catalog):
    release = a_release(a_service("checkout"), environments=("production",))
    order = an_order(release, a_catalog(steps=(*steps, SOON), **catalog))
    plan, _ = admit(order)
    return order, plan


@pytest.mark.parametrize(
    ("step", "least", "most"),
    [
        ({"pause": {"duration": "5m"}}, 5, 5),
        (analysis("10m", "1m"), 10, 40),
        (analysis("10m", "1m", minDuration="2m"), 2, 40),
        ({"setWeight": 10}, 0, 0),
        ({"pause": {}}, 0, None),
    ],
)
def test_times_are_those_of_the_steps(step, least, most):
    """A hold after an analysis may last 30 minutes more."""
    _, plan = plan_with(step)

    assert shortest(plan) == timedelta(minutes=least)
    assert longest(plan) == (None if most is None else timedelta(minutes=most))


def test_an_analysis_that_never_holds_ends_with_its_duration():
    actions = {"inconclusive": "rollback", "noData": "rollback", "providerError": "rollback"}
    _, plan = plan_with(analysis("10m", "1m"), actions=actions)

    assert longest(plan) == timedelta(minutes=10)


def test_a_gate_may_stay_open_until_it_expires():
    _, plan = plan_with(gated=True, expire_after="1h")

    assert longest(plan) == timedelta(hours=1)


def test_a_step_that_waits_for_a_person_has_no_end():
    order, plan = plan_with({"pause": {}})

    assert plan_as_json(order, plan, start="x")["takesAtMost"] is None
    assert "takes at least 0s, without an end;" in plan_as_text(order, plan, start="x")
    assert step_text(plan.stages[0].promotions[0].steps[0]) == "pause until somebody promotes"


def test_the_ticket_is_shown():
    order, plan = plan_with()

    assert plan_as_text(order, plan, start="x").startswith("shop: a better checkout, CHG-1\n")


def test_a_strategy_without_any_wait_takes_no_time_at_most():
    order, plan = plan_with()

    assert "takes at least 0s, at most 0s" in plan_as_text(order, plan, start="x")
