"""What each planned step is known to take before the start."""

from datetime import timedelta

import pytest

from starters.planning.measuring import Measured
from starters.planning.plan_steps import longest, planned_steps, shortest, step_as_json
from tests.builders import a_catalog, a_release, a_service, an_order, analysis
from workflows.domain.admission.admission import admit
from workflows.domain.canary.traffic import Traffic

BUSY = Traffic(seconds=600.0, values={"requests": 132_000.0, "errors": 396.0})
QUIET = Traffic(seconds=600.0, values={"requests": 180.0, "errors": 1.0})
HELD = {"inconclusive": "hold"}
NEVER_HELD = {"inconclusive": "rollback", "noData": "rollback", "providerError": "rollback"}


def planned(*steps, traffic=None, first=False, **catalog):
    release = a_release(a_service("checkout"), environments=("production",))
    order = an_order(release, a_catalog(steps=(*steps, {"setWeight": 100}), **catalog))
    plan = admit(order).plan
    measured = Measured(traffic=traffic, first=first)
    return planned_steps(plan.promotions[0], plan.budget, measured)


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
    steps = (
        planned({"setWeight": 5}, step, actions=HELD) if "setWeight" not in step else planned(step)
    )

    assert shortest(steps) == timedelta(minutes=least)
    assert longest(steps) == (None if most is None else timedelta(minutes=most))


def test_one_that_extends_may_take_as_long_as_its_criticality_allows():
    assert longest(planned({"setWeight": 5}, analysis("10m"))) == timedelta(hours=2, minutes=30)


def test_an_analysis_that_never_holds_ends_with_its_duration():
    steps = planned({"setWeight": 5}, analysis("10m"), actions=NEVER_HELD)

    assert longest(steps) == timedelta(minutes=10)


def test_a_bake_takes_its_time_and_may_hold():
    steps = planned()
    baked = planned_steps_with_bake()

    assert shortest(steps) == timedelta(0)
    assert shortest(baked) == timedelta(minutes=20)
    assert longest(baked) == timedelta(minutes=50)


def planned_steps_with_bake():
    release = a_release(a_service("checkout"), environments=("production",))
    bake = {"bake": {"duration": "20m", "interval": "1m"}}
    order = an_order(release, a_catalog(steps=({"setWeight": 100}, bake)))
    plan = admit(order).plan
    return planned_steps(plan.promotions[0], plan.budget)


def test_the_traffic_decides_how_long_auto_is():
    (_, step, _) = planned({"setWeight": 5}, analysis("auto"), traffic=BUSY)

    assert timedelta(minutes=20) <= step.lasts < timedelta(minutes=30)
    assert shortest((step,)) == step.lasts


def test_auto_without_any_measurement_has_no_length_and_a_bound():
    (_, step, _) = planned({"setWeight": 5}, analysis("auto"))

    assert step.lasts is None
    assert longest((step,)) == timedelta(hours=2, minutes=30)


def test_a_first_version_climbs_no_steps():
    assert planned({"setWeight": 5}, analysis("10m"), first=True) == ()


def test_programs_read_what_an_analysis_needs():
    (_, step, _) = planned({"setWeight": 5}, analysis("auto"), traffic=QUIET)

    found = step_as_json(step)["analysis"]

    assert found["seconds"] == 7200
    assert found["conclusive"] is False
    assert found["reason"].startswith("cannot conclude within 2 h at 0.3 rps")
    (metric,) = found["metrics"]
    assert (metric["name"], metric["worsening"], metric["conclusive"]) == (
        "error-rate",
        1.0,
        False,
    )


def test_programs_read_that_nothing_was_measured():
    (_, step, _) = planned({"setWeight": 5}, analysis("auto"))

    assert step_as_json(step)["analysis"] == {
        "seconds": None,
        "conclusive": None,
        "reason": "traffic not measured",
        "metrics": [],
    }
