"""Decisions as statements: what holds is listed, and a denial is a type of its own."""

import json
from datetime import UTC, datetime

import pytest

from tests.attesting import BUILD, OTHER
from workflows.domain.attestations.criteria import CriterionOutcome, CriterionResult
from workflows.domain.attestations.decision import (
    ReleaseDecision,
    SignedPolicy,
    properties_of,
    statement_of,
)
from workflows.domain.attestations.statement import DENIAL, VERIFICATION, read_statement
from workflows.domain.values import Artifact

GO = ReleaseDecision(
    release="release/shop/1",
    environment="production",
    allowed=True,
    decision_digest=OTHER,
    artifacts=(Artifact(service="checkout", version="v2", digest=BUILD),),
    policies=(SignedPolicy(uri="catalog", digest=OTHER),),
    properties=("LOCKGATE_CRITERIA_MET",),
    at=datetime(2026, 11, 10, tzinfo=UTC),
)


def test_a_go_is_a_verification_result_about_the_builds():
    read = read_statement(statement_of(GO))

    assert (read.subjects, read.predicate_type) == ((BUILD,), VERIFICATION)
    assert read.predicate == {
        "verifier": {
            "id": "https://lockgate.dev/lockgate",
            "policies": [{"uri": "catalog", "digest": {"sha256": OTHER[7:]}}],
        },
        "timeCreated": "2026-11-10T00:00:00+00:00",
        "properties": ["LOCKGATE_CRITERIA_MET"],
        "decision": {
            "release": "release/shop/1",
            "environment": "production",
            "digest": {"sha256": OTHER[7:]},
        },
    }


def test_policies_are_listed_even_where_there_are_none():
    document = json.loads(statement_of(GO.model_copy(update={"policies": ()})))

    assert document["predicate"]["verifier"]["policies"] == []


def test_a_denial_says_why_and_claims_nothing():
    denied = GO.model_copy(update={"allowed": False, "reasons": ("no tests",)})

    read = read_statement(statement_of(denied))

    assert read.predicate_type == DENIAL
    assert read.predicate["reasons"] == ["no tests"]
    assert "properties" not in read.predicate


def result(name, outcome=CriterionOutcome.MET):
    return CriterionResult(
        environment="production",
        name=name,
        evidence="sarif",
        service="checkout",
        artifact=BUILD,
        outcome=outcome,
        why="",
    )


@pytest.mark.parametrize("outcome", [each for each in CriterionOutcome if each != "met"])
def test_only_what_every_service_meets_is_claimed(outcome):
    met = [result("unit-tests"), result("sarif.scan")]
    each = [
        "LOCKGATE_CRITERION_SARIF_SCAN_MET",
        "LOCKGATE_CRITERION_UNIT_TESTS_MET",
    ]

    assert list(properties_of(met)) == ["LOCKGATE_CRITERIA_MET", *each]
    assert list(properties_of([*met, result("sarif.scan", outcome)])) == each[1:]
    assert list(properties_of([])) == []
