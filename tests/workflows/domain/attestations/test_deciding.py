"""What is signed of a decision: its builds, what ruled, and only what held."""

from datetime import UTC, datetime

from tests.attesting import OTHER
from tests.builders import a_catalog, a_release, a_service, an_order, build_of
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.deciding import Decided, asks_for_evidence, decision_of
from workflows.domain.attestations.figures import (
    SuiteFigures,
)
from workflows.domain.attestations.types import EvidenceType

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def order():
    catalog = a_catalog(gated=True)
    tests = {"name": "tests", "evidence": "test-result"}
    catalog["policies"]["guarded"]["criteria"] = [tests]
    services = (a_service("checkout"), a_service("payments"))
    return an_order(a_release(*services, environments=("staging", "production")), catalog)


def evidence(service):
    return Attestation(
        artifact=build_of(service, "v2"),
        type=EvidenceType.TEST_RESULT,
        digest=OTHER,
        at=NOON,
        size=1,
        added_by="ci",
        figures=SuiteFigures(result="PASSED", passed=1, failed=0),
    )


def decided(*services, reason=""):
    found = tuple(evidence(service) for service in services)
    admission = admit(order(), Facts(at=NOON, attestations=found))
    stage = admission.plan.stages[-1]
    return Decided(stage=stage, admission=admission, reason=reason)


def decision(*services, reason=""):
    return decision_of(order(), "release/shop/1", decided(*services, reason=reason), NOON)


def test_a_go_names_the_builds_what_ruled_and_what_held():
    made = decision("checkout", "payments")

    assert (made.release, made.environment, made.allowed) == (
        "release/shop/1",
        "production",
        True,
    )
    assert [build.service for build in made.artifacts] == ["checkout", "payments"]
    assert [policy.uri for policy in made.policies[:2]] == ["lockgate:release", "lockgate:catalog"]
    assert made.policies[0].digest == order().manifest_digest
    assert made.properties == (
        "LOCKGATE_APPROVED",
        "LOCKGATE_CRITERIA_MET",
        "LOCKGATE_CRITERION_TESTS_MET",
    )
    assert made.at == NOON


def test_what_was_waived_is_not_among_what_held():
    assert decision("checkout").properties == ("LOCKGATE_APPROVED",)


def test_a_denial_says_why_and_claims_nothing():
    made = decision("checkout", "payments", reason="no")

    assert (made.allowed, made.reasons, made.properties) == (False, ("no",), ())


def test_only_decisions_that_go_by_evidence_are_signed():
    admission = decided("checkout").admission

    assert asks_for_evidence(admission, "production")
    assert not asks_for_evidence(admission, "staging")
