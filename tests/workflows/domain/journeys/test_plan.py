from datetime import timedelta

from workflows.domain.journeys.plan import (
    Body,
    Check,
    JourneyPlan,
    Synthetic,
    compile_journey,
    compile_synthetic,
)
from workflows.domain.spec.journey import JourneySpec, SyntheticStep

SPEC = JourneySpec.model_validate(
    {
        "service": "checkout",
        "secretRefs": {"login": {"path": "shop", "field": "login"}},
        "steps": [
            {
                "name": "order",
                "request": {"method": "POST", "path": "/orders", "json": {"sku": "mug"}},
                "expect": {
                    "status": [200, 201],
                    "latencyAtMost": "500ms",
                    "headers": {"x-shop-version": {"exists": True}},
                    "json": [{"path": "$.amount", "minimum": 1, "maximum": 9}],
                    "bodyContains": ["accepted"],
                },
                "capture": {"orderId": "$.orderId"},
            }
        ],
        "cleanup": [{"name": "cancel", "request": {"method": "DELETE", "path": "/orders/1"}}],
    }
)


def test_an_expectation_becomes_one_list_of_checks_with_the_status_first():
    (order,) = compile_journey("checkout", SPEC).steps

    assert order.checks == (
        Check(place="status", verb="oneOf", expected=["200", "201"]),
        Check(place="latency", verb="maximum", expected=500.0),
        Check(place="header", subject="x-shop-version", verb="exists", expected=True),
        Check(place="json", subject="$.amount", verb="minimum", expected=1),
        Check(place="json", subject="$.amount", verb="maximum", expected=9),
        Check(place="body", verb="contains", expected="accepted"),
    )
    assert order.request.body == Body(kind="json", content={"sku": "mug"})


def test_a_spec_that_crossed_the_wire_compiles_to_the_same_plan():
    carried = JourneySpec.model_validate_json(SPEC.model_dump_json())

    assert compile_journey("checkout", carried) == compile_journey("checkout", SPEC)


def test_a_plan_crosses_the_wire_and_ignores_what_a_newer_worker_added():
    plan = compile_journey("checkout", SPEC)

    assert JourneyPlan.model_validate_json(plan.model_dump_json()) == plan
    assert JourneyPlan.model_validate(plan.model_dump() | {"newer": 1}) == plan


def test_only_the_place_of_a_secret_is_in_the_plan():
    (need,) = compile_journey("checkout", SPEC).secret_refs

    assert (need.name, need.secret_ref.path, need.field) == ("login", "shop", "login")


def test_a_synthetic_step_holds_the_journeys_that_it_names():
    step = SyntheticStep(journeys=("checkout",), every=timedelta(seconds=10))

    synthetic = compile_synthetic(step, {"checkout": SPEC, "other": SPEC})

    assert [journey.name for journey in synthetic.journeys] == ["checkout"]
    assert str(synthetic) == "try checkout every 10s"
    assert str(Synthetic(journeys=synthetic.journeys)) == "try checkout"
