"""The plan that people read; its words are those they see."""

import pytest

from starters.planning.measuring import Measured
from starters.planning.plan_view import plan_as_text
from starters.planning.preview import Preview
from tests.builders import a_catalog, a_release, a_service, an_order, analysis
from tests.environments import a_catalog_for_releases
from workflows.domain.admission.admission import admit
from workflows.domain.canary.traffic import Traffic

SOON = {"setWeight": 100}
AUTO = analysis("auto")
CHECKOUT = "checkout@production"
BUSY = Traffic(seconds=600.0, values={"requests": 132_000.0, "errors": 396.0})
QUIET = Traffic(seconds=600.0, values={"requests": 180.0, "errors": 1.0})


def preview_of(*steps, measured=None, services=("checkout",), rollback=None, **catalog):
    release = a_release(*map(a_service, services), environments=("production",))
    if rollback is not None:
        release["spec"]["rollback"] = rollback
    order = an_order(release, a_catalog(steps=(*steps, SOON), **catalog))
    known = {CHECKOUT: Measured(traffic=measured)} if measured else {}
    return Preview(order=order, admission=admit(order), start="lockgate start x", measured=known)


def said(*steps, **options):
    return [line.strip() for line in plan_as_text(preview_of(*steps, **options)).splitlines()]


def test_the_ticket_is_shown():
    assert said()[0] == "shop: a better checkout, CHG-1"


def test_an_analysis_says_how_long_the_traffic_makes_it_and_why():
    lines = said({"setWeight": 5}, AUTO, measured=BUSY)

    (line,) = (line for line in lines if line.startswith("2. "))
    assert line == (
        "2. watch 20m, a look each 1m: error-rate not 10 % more — 13 200 canary requests: "
        "5 % of 220 rps; never less than 20m at criticality normal; error-rate worse by 100 % "
        "takes 11 min to show (base rate 0.3 %)"
    )


def test_too_little_traffic_is_said_before_the_start():
    lines = said({"setWeight": 5}, AUTO, measured=QUIET)

    (line,) = (line for line in lines if line.startswith("2. "))
    assert "cannot conclude within 2 h at 0.3 rps: error-rate worse by 100 %" in line


def test_a_stage_that_only_a_header_reaches_cannot_conclude():
    route = {"match": [{"headerName": "x-canary", "headerValue": {"exact": "1"}}]}

    lines = said({"setHeaderRoute": route}, AUTO, {"setWeight": 5}, measured=BUSY)

    (line,) = (line for line in lines if line.startswith("2. "))
    assert line.endswith("no traffic of its own: cannot conclude")


def test_what_was_not_measured_is_said_once_with_its_reason():
    lines = said({"setWeight": 5}, AUTO)

    assert lines.count("traffic not measured: nobody was asked") == 1
    assert any("watch as long as the traffic needs, at most 2h" in line for line in lines)


def test_what_is_measured_of_a_service_stands_beside_how_it_is_watched():
    assert (
        "checkout  serves 220.0 requests a second, 0.30 % failed; criticality normal; "
        "3 failed health checks in a row, one each 10s, turn back"
    ) in said({"setWeight": 5}, AUTO, measured=BUSY)


def test_the_harm_budget_is_told_with_the_weight_it_allows_at_first():
    budget = {"harmBudget": {"failedRequests": 2000}}

    lines = said({"setWeight": 50}, analysis("30m"), measured=BUSY, rollback=budget)

    assert "harm budget   2000 failed requests; crossing it turns back at once" in lines
    (line,) = (line for line in lines if "50 % of the traffic" in line)
    assert line.endswith("by way of 4 %: all that the harm budget allows at first")


def test_services_whose_steps_differ_have_a_ladder_each():
    both = preview_of({"setWeight": 5}, AUTO, measured=BUSY, services=("checkout", "payments"))

    lines = [line.strip() for line in plan_as_text(both).splitlines()]

    assert "steps of checkout" in lines
    assert "steps of payments" in lines
    assert "traffic of payments@production not measured: nobody was asked" in lines


def test_a_step_that_waits_for_a_person_has_no_end():
    lines = said({"pause": {}})

    assert "steps      1. pause until somebody promotes" in lines
    assert "takes at least 0s, without an end; installing comes on top" in lines


def test_a_strategy_without_any_wait_takes_no_time_at_most():
    assert "takes at least 0s, at most 0s with gates and holds; installing comes on top" in said()


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"mirror": 20}, "copies of 20 % of the traffic go to the canary; nobody waits for them"),
        ({"pause": {"duration": "5m"}}, "pause 5m"),
    ],
)
def test_every_kind_of_step_has_its_sentence(step, words):
    assert f"steps      1. {words}" in said(step)


def test_what_is_created_for_the_release_is_said_with_its_end():
    order = an_order(a_release(environments=("preview",)), a_catalog_for_releases())
    preview = Preview(order=order, admission=admit(order), start="x")

    lines = [line.strip() for line in plan_as_text(preview).splitlines()]

    (made,) = (line for line in lines if line.startswith("created "))
    assert made.endswith("at cloudformation/preview with Size=small")
    assert "for this release alone; torn down when it ends, or after 3d" in lines
    assert "traffic not measured: preview is created for the release" in lines
