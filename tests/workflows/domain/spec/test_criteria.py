"""Criteria and signers as people write them."""

import json

import pytest
from pydantic import ValidationError

from tests.attesting import a_key, pem_of
from workflows.domain.spec import CriterionSpec, PolicySpec, SignerSpec

KEY = pem_of(a_key())


def criterion(**fields):
    return CriterionSpec.model_validate_json(json.dumps({"name": "it", **fields}), strict=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"evidence": "test-result", "result": "PASSED", "maxAge": "7d"},
        {"evidence": "sarif", "fail": {"level": "error", "baselineState": "new"}},
        {"evidence": "benchmark", "maxRegression": "5%", "confidence": 0.95},
        {"evidence": "coverage", "minLines": 0.8},
        {"evidence": "sbom", "vulnerabilities": {"severity": "high"}},
        {"evidence": "migration-rehearsal", "rolledBack": True, "maxDuration": "5m"},
        {"evidence": "security-sign-off", "signedBy": ["role:security"]},
        {
            "evidence": "slsa-provenance",
            "signedBy": ["ci"],
            "builderId": "https://b",
            "minLevel": 3,
            "externalParameters": {"workflow.ref": "refs/heads/main"},
        },
    ],
)
def test_what_the_documentation_shows_is_read(fields):
    assert criterion(**fields).evidence == fields["evidence"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"evidence": "sarif", "minLines": "80%"}, "minLines does not belong to sarif"),
        ({"evidence": "slsa-provenance", "builderId": "b"}, "signedBy is required"),
        ({"evidence": "slsa-provenance", "signedBy": ["ci"]}, "builderId is required"),
        ({"evidence": "security-sign-off"}, "signedBy is required for security-sign-off"),
        ({"evidence": "coverage"}, "give minLines, minBranches or both"),
        ({"evidence": "coverage", "minLines": "80"}, "'80' is not a share such as 5% or 0.05"),
        ({"evidence": "coverage", "minLines": "101%"}, "less than or equal to 1"),
        ({"evidence": "coverage", "minLines": 80}, "less than or equal to 1"),
        ({"evidence": "benchmark", "confidence": 0.5}, "must be one of 0.9, 0.95, 0.99"),
        ({"evidence": "benchmark"}, "maxRegression is required for benchmark"),
        ({"evidence": "feeling"}, "Input should be 'test-result'"),
        ({"evidence": "test-result", "signedBy": ["group:x"]}, "String should match pattern"),
    ],
)
def test_what_cannot_be_meant_is_refused(fields, why):
    with pytest.raises(ValidationError, match=why):
        criterion(**fields)


def test_a_share_is_a_part_or_a_percentage():
    assert criterion(evidence="coverage", minLines="82.5%").min_lines == 0.825
    assert criterion(evidence="coverage", minLines=0.825).min_lines == 0.825


def test_no_regression_at_all_may_be_asked_for():
    assert criterion(evidence="benchmark", maxRegression=0).max_regression == 0


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "give publicKey, keyFile or transitKey, one of them"),
        ({"publicKey": KEY, "transitKey": "k"}, "one of them"),
        ({"publicKey": "AAAA"}, "not a public key in PEM"),
        ({"transitKey": "k", "builders": {"https://b": 5}}, "less than or equal to 4"),
    ],
)
def test_a_signer_has_one_key(fields, why):
    with pytest.raises(ValidationError, match=why):
        SignerSpec.model_validate({"name": "ci", **fields})


def policy(criteria, signers):
    asked = {"require": [{"role": "sre"}]}
    return PolicySpec.model_validate(
        {"approvals": asked, "criteria": criteria, "signers": signers}
    )


def test_a_policy_knows_the_signers_that_its_criteria_ask_for():
    signer = {"name": "ci", "publicKey": KEY, "roles": ["security"]}
    tests = {"name": "tests", "evidence": "test-result"}

    policy([{**tests, "signedBy": ["ci", "role:security"]}], [signer])
    with pytest.raises(ValidationError, match=r"'role:sre' is no signer.*ci, role:security"):
        policy([{**tests, "signedBy": ["role:sre"]}], [signer])
    with pytest.raises(ValidationError, match="criteria: 'tests' is named twice"):
        policy([tests, tests], [])
    with pytest.raises(ValidationError, match="'approval' is the name of another gate"):
        policy([{**tests, "name": "approval"}], [])
    with pytest.raises(ValidationError, match="signers: 'ci' is named twice"):
        policy([], [signer, signer])
