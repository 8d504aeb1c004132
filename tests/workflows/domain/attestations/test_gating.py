"""A criterion is one gate, whatever it says of however many services."""

from tests.attesting import BUILD, OTHER
from workflows.domain.attestations.criteria import CriterionOutcome, CriterionResult
from workflows.domain.attestations.gating import criterion_gates
from workflows.domain.spec import PersonSpec

PEOPLE = {"ana": PersonSpec(roles=("sre",)), "eve": PersonSpec(roles=("product",))}


def result(service="checkout", outcome=CriterionOutcome.MET, **more):
    usual = {
        "environment": "production",
        "name": "tests",
        "evidence": "test-result",
        "service": service,
        "artifact": BUILD,
        "outcome": outcome,
        "why": f"{service}: {outcome}",
        "attestation": OTHER,
    }
    return CriterionResult(**{**usual, **more})


def test_it_holds_once_it_is_met_for_every_service():
    (gate,) = criterion_gates([result(), result("payments")], PEOPLE)

    assert (gate.environment, gate.gate, gate.met) == ("production", "tests", True)
    assert (gate.reason, gate.evidence, gate.cleared_by) == ("", (OTHER, OTHER), ())
    assert (gate.waiver, gate.before_approval, gate.advisory) == (None, False, False)


def test_else_it_says_of_which_service_it_lacks_what_and_who_can_add_it():
    missing = result("payments", CriterionOutcome.MISSING, attestation=None)

    (gate,) = criterion_gates([result(), missing], PEOPLE)

    assert not gate.met
    assert gate.reason == "payments: missing"
    assert gate.cleared_by == ("whoever adds test-result about payments",)


def test_who_may_waive_it_are_the_people_of_its_role():
    (gate,) = criterion_gates([result(waived_by="sre", advisory=True)], PEOPLE)

    assert gate.advisory
    assert gate.waiver.people == {"ana": ("sre",)}


def test_each_environment_has_gates_of_its_own():
    gates = criterion_gates([result(), result(environment="staging"), result(name="scan")], PEOPLE)

    assert [(gate.environment, gate.gate) for gate in gates] == [
        ("production", "tests"),
        ("staging", "tests"),
        ("production", "scan"),
    ]
