from starters.planning.measuring import Measured
from starters.planning.plan_document import plan_as_json
from starters.planning.preview import Preview
from tests.builders import CANARY, a_catalog, a_release, a_service, an_order
from tests.environments import a_catalog_for_releases
from workflows.domain.admission.admission import admit
from workflows.domain.canary.traffic import Traffic


def document(measured=None, *, steps=CANARY):
    release = a_release(a_service("checkout"), environments=("production",))
    release["spec"]["rollback"] = {"harmBudget": {"failedRequests": 9}}
    order = an_order(release, a_catalog(steps=steps))
    return plan_as_json(
        Preview(order=order, admission=admit(order), start="x", measured=measured or {})
    )


def promotion_of(found):
    return found["stages"][0]["promotions"][0]


def test_traffic_is_told_for_each_target():
    traffic = Traffic(seconds=10.0, values={"requests": 50.0, "errors": 1.0})

    found = promotion_of(document({"checkout@production": Measured(traffic=traffic)}))

    assert found["traffic"] == {
        "known": True,
        "requestsPerSecond": 5.0,
        "failedShare": 0.02,
        "servesNothing": False,
        "reason": "",
    }
    assert found["steps"][2]["analysis"]["seconds"] == 1800


def test_what_was_not_measured_says_why():
    found = promotion_of(document({"checkout@production": Measured(why_not="no worker")}))

    assert (found["traffic"]["known"], found["traffic"]["reason"]) == (False, "no worker")


def test_budget_health_and_criticality_are_told():
    found = document()

    assert found["harmBudget"] == {"failed_requests": 9, "lost": None}
    assert promotion_of(found)["health"] == {"every": "10s", "failures": 3}
    assert promotion_of(found)["criticality"] == "normal"


def test_a_plan_without_an_end_has_none():
    assert document(steps=({"pause": {}}, {"setWeight": 100}))["takesAtMost"] is None


def test_what_is_created_for_the_release_is_named_by_its_content():
    order = an_order(a_release(environments=("preview", "production")), a_catalog_for_releases())
    admission = admit(order)

    preview, production = plan_as_json(Preview(order=order, admission=admission, start="x"))[
        "stages"
    ]

    plan = admission.plan.stages[0].created_from
    assert preview["createdFrom"] == {
        "template": "preview",
        "digest": plan.blueprint.digest,
        "planDigest": plan.digest,
        "parameters": {"Size": "small"},
        "at": "cloudformation/preview",
        "team": "team-shop",
        "ttl": "3d",
    }
    assert production["createdFrom"] is None
