from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_catalog, a_release, a_service, an_order, analysis
from tests.environments import a_catalog_for_releases
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.errors import PolicyViolated
from workflows.domain.values import digest_of


def refusal(order):
    with pytest.raises(PolicyViolated) as caught:
        admit(order)
    return str(caught.value).splitlines()


def test_an_order_in_order_becomes_a_plan_and_the_digest_to_approve():
    admission = admit(an_order())

    assert admission.plan.name == "shop"
    assert admission.decision_digest == admit(an_order()).decision_digest


def test_what_is_decided_on_changes_with_the_builds_and_not_with_the_time():
    """Approvals are of a decision digest: whatever may change unseen must not change it."""
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    admission = admit(an_order(), Facts(at=noon))
    later = admit(an_order(), Facts(at=noon + timedelta(hours=1)))
    other = admit(an_order(a_release(a_service("checkout", "v3"))), Facts(at=noon))

    assert later.decision_digest == admission.decision_digest
    assert later.facts_digest != admission.facts_digest
    assert other.decision_digest != admission.decision_digest


def test_how_an_environment_is_created_is_part_of_what_is_decided():
    """Who approves a release approves what it has made."""

    def admitted(**changes):
        release = a_release(environments=("preview",))
        return admit(an_order(release, a_catalog_for_releases(**changes)))

    plain = admitted()

    assert admitted().decision_digest == plain.decision_digest
    assert admitted(chosen={"Size": "large"}).decision_digest != plain.decision_digest
    longer = {"lease": {"ttl": "4d", "longest": "14d"}}
    assert admitted(template=longer).decision_digest != plain.decision_digest


def test_a_matrix_decides_who_must_approve_and_is_part_of_what_is_decided():
    def admitted(count):
        catalog = a_catalog(gated=True)
        rule = {"require": [{"role": "sre", "count": count}]}
        matrix = {"inputs": ["risk"], "rules": [rule]}
        catalog["policies"]["guarded"] = {"identity": "asserted", "decisionMatrix": matrix}
        return admit(an_order(catalog=catalog))

    (row,) = admitted(1).rows
    assert (row.row, row.case.risk) == ("guarded#1", "unassessed")
    assert admitted(1).plan.stages[0].gate.rows == ("guarded#1",)
    assert admitted(1).decision_digest != admitted(2).decision_digest


def test_a_document_that_was_changed_after_its_digest_was_taken_is_refused():
    order = an_order()
    order.release["spec"]["change"]["summary"] = "something else"

    (problem,) = refusal(order)

    assert problem.startswith(f"manifest digest: the order claims {order.manifest_digest}")


def test_a_catalog_that_was_changed_after_its_digest_was_taken_is_refused():
    order = an_order().model_copy(update={"catalog_digest": digest_of("another")})

    assert refusal(order)[0].startswith("catalog digest: the order claims")


def test_documents_are_read_as_strictly_as_files():
    """The front door may be anybody's: unknown fields, other spellings and types are refused."""
    release = a_release()
    release["spec"]["services"][0]["depends_on"] = release["spec"]["services"][0].pop("dependsOn")
    catalog = a_catalog(steps=({"setWeight": "100"},))

    problems = refusal(an_order(release, catalog))

    assert problems[0].startswith("release.spec.services.0.depends_on: Extra inputs")
    assert problems[1].startswith("catalog.strategies.canary.steps.0.setWeight: Input should be")


def test_every_kind_of_problem_is_named_at_once():
    order = an_order(a_release(a_service("chekout"))).model_copy(
        update={"name": "other", "manifest_digest": digest_of("another")}
    )

    problems = refusal(order)

    assert [problem.split(":")[0].split(" ")[0] for problem in problems] == [
        "manifest",
        "name",
        "Service",
    ]


def test_a_gate_that_only_the_requester_could_open_is_refused():
    catalog = a_catalog(gated=True, needs=({"role": "product"},))

    (problem,) = refusal(an_order(a_release(), catalog, requested_by="eve"))

    assert problem == (
        "environment 'production' needs 1 of role product, and eve, who asks for the release, "
        "cannot approve it; others who could: nobody"
    )


def test_a_gate_that_needs_one_person_twice_is_refused():
    """Ana holds both roles, but nobody counts for two of them."""
    catalog = a_catalog(gated=True, needs=({"role": "sre"}, {"role": "lead"}))
    catalog["people"] = {"ana": {"roles": ["sre", "lead"]}, "carl": {"roles": ["sre"]}}

    (problem,) = refusal(an_order(a_release(), catalog, requested_by="carl"))

    assert "others who could: ana" in problem


def test_what_is_not_json_is_a_refusal_and_not_a_crash():
    order = an_order()
    order.release["spec"]["change"]["summary"] = float("nan")

    assert refusal(order)[0].startswith("the documents are not JSON")


def test_a_plan_that_temporal_could_not_carry_is_refused_with_the_way_out():
    """A payload or history over the server's limits would end the release without an undo."""
    names = tuple(f"service-{number}" for number in range(50))
    stops = tuple(f"environment-{number}" for number in range(10))
    release = a_release(*(a_service(name) for name in names), environments=stops)

    problems = refusal(an_order(release, a_catalog(services=names, environments=stops)))

    assert any("steps in all" in problem for problem in problems)
    assert all("fewer services" in problem for problem in problems)


def test_looks_cost_no_history():
    """A stage is one activity: an hour of looks a second is no more events than one look."""
    steps = ({"setWeight": 10}, *[analysis("1h", "1s")] * 7, {"setWeight": 100})

    plan = admit(an_order(catalog=a_catalog(steps=steps))).plan

    assert len(plan.promotions[0].steps) == 9
