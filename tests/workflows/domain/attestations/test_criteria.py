"""What the evidence about a build makes of a criterion; how each result comes about."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attesting import BUILD, OTHER
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.criteria import (
    CriterionOutcome,
    Ground,
    judge_criteria,
    unmet,
)
from workflows.domain.attestations.figures import (
    AnalysisFigures,
    SuiteFigures,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.spec import CriterionSpec, SignerSpec
from workflows.domain.values import digest_of

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CI = SignerSpec(name="ci", transit_key="ci", roles=("builder",))
EVE = SignerSpec(name="eve", transit_key="eve")
PASSED = SuiteFigures(result="PASSED", passed=3, failed=0, suite="unit")
FAILED = SuiteFigures(result="FAILED", passed=3, failed=1, suite="unit")


def asked(**fields):
    written = {"name": "tests", "evidence": "test-result", **fields}
    return CriterionSpec.model_validate_json(json.dumps(written), strict=True)


def evidence(figures=PASSED, *, at=NOW - DAY, artifact=BUILD, **more):
    usual = {
        "artifact": artifact,
        "type": EvidenceType.TEST_RESULT,
        "digest": digest_of(f"{figures} {at} {more}"),
        "at": at,
        "size": 1,
        "added_by": "ci",
        "figures": figures,
    }
    return Attestation(**{**usual, **more})


def judged(criterion, *found, services=("checkout",), signers=(CI, EVE)):
    artifacts = dict.fromkeys(services, BUILD)
    ground = Ground(environment="production", artifacts=artifacts, requested_by="carl", now=NOW)
    return judge_criteria([criterion], signers, found, ground)


def outcome(criterion, *found):
    (result,) = judged(criterion, *found)
    return result.outcome, result.why


def test_evidence_that_is_as_asked_meets_its_criterion_and_is_named():
    found = evidence()

    (result,) = judged(asked(), found)

    assert result.outcome is CriterionOutcome.MET
    assert (result.attestation, result.service, result.artifact) == (
        found.digest,
        "checkout",
        BUILD,
    )
    assert not result.blocks


@pytest.mark.parametrize(
    ("criterion", "found", "expected", "why"),
    [
        (asked(), (), "missing", f"lockgate evidence add FILE --artifact {BUILD}"),
        (asked(), (evidence(artifact=OTHER),), "missing", "no test-result about checkout"),
        (asked(), (evidence(type=EvidenceType.SARIF),), "missing", "no test-result"),
        (asked(suite="contract"), (evidence(),), "missing", "no test-result of suite contract"),
        (asked(suite="unit"), (evidence(),), "met", "as asked"),
        (asked(maxAge="12h"), (evidence(),), "stale", "of 2026-11-09 12:00Z, older than 12h"),
        (asked(maxAge="1d"), (evidence(),), "met", "as asked"),
        (asked(), (evidence(at=NOW + DAY),), "untrusted", "produced in the future"),
        (asked(), (evidence(FAILED),), "failed", "1 test failed"),
        (
            asked(),
            (evidence(None, flaw="its receipt is forged"),),
            "untrusted",
            "its receipt is forged",
        ),
        (asked(signedBy=["ci"]), (evidence(),), "untrusted", "not signed; ci must sign it"),
        (
            asked(signedBy=["ci"]),
            (evidence(signed=True),),
            "untrusted",
            "no signature of it is ci's",
        ),
        (
            asked(signedBy=["ci"]),
            (evidence(signed=True, keys=("transit:eve",)),),
            "untrusted",
            "no signature of it is ci's",
        ),
        (
            asked(signedBy=["role:builder"]),
            (evidence(signed=True, keys=("transit:ci",)),),
            "met",
            "as asked",
        ),
    ],
)
def test_each_way_to_miss_a_criterion_says_which_it_is(criterion, found, expected, why):
    result, said = outcome(criterion, *found)

    assert result == expected
    assert why in said


def test_the_newest_evidence_decides_whichever_way_it_points():
    older, newer = NOW - 2 * DAY, NOW - DAY

    assert outcome(asked(), evidence(FAILED, at=older), evidence(at=newer))[0] == "met"
    assert outcome(asked(), evidence(at=older), evidence(FAILED, at=newer))[0] == "failed"


def test_what_nobody_vouches_for_can_neither_help_nor_harm():
    signed = evidence(at=NOW - 2 * DAY, signed=True, keys=("transit:ci",))
    rule = asked(signedBy=["ci"])

    assert outcome(rule, signed, evidence(FAILED))[0] == "met"
    assert outcome(rule, signed, evidence(FAILED, signed=True, keys=("transit:eve",)))[0] == "met"
    assert outcome(asked(), evidence(at=NOW - 2 * DAY), evidence(None, flaw="x"))[0] == "met"


def test_an_analyser_is_told_from_another():
    figures = AnalysisFigures(tool="semgrep", results=())
    scan = evidence(figures, type=EvidenceType.SARIF)

    assert outcome(asked(evidence="sarif", tool="semgrep"), scan)[0] == "met"
    assert outcome(asked(evidence="sarif", tool="codeql"), scan)[0] == "missing"


def test_every_service_is_asked_unless_some_are_named():
    both = judged(asked(), evidence(), services=("checkout", "payments"))
    one = judged(asked(services=["payments"]), evidence(), services=("checkout", "payments"))

    assert [each.service for each in both] == ["checkout", "payments"]
    assert [each.service for each in one] == ["payments"]


def test_what_is_advisory_is_told_and_blocks_nothing():
    hard, soft = judged(asked(waivedBy="sre")), judged(asked(advisory=True))

    assert [each.waived_by for each in unmet(hard, "production")] == ["sre"]
    assert list(unmet(hard, "staging")) == []
    assert list(unmet(soft, "production")) == []
    assert soft[0].outcome is CriterionOutcome.MISSING


def test_what_is_pinned_does_not_change_with_the_words():
    (result,) = judged(asked())

    assert result.pinned == result.model_copy(update={"why": "other words"}).pinned
    assert result.pinned != result.model_copy(update={"attestation": OTHER}).pinned


@given(st.permutations([evidence(at=NOW - n * DAY, size=n) for n in range(1, 5)]))
def test_the_order_in_which_evidence_is_found_does_not_matter(found):
    assert judged(asked(), *found) == judged(asked(), *reversed(found))
