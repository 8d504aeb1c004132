"""What evidence an order needs, and what it makes of the criteria of its environments."""

from datetime import UTC, datetime

import pytest

from tests.attesting import a_key, pem_of
from tests.builders import a_catalog, a_release, a_service, an_order, build_of
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.figures import (
    SuiteFigures,
)
from workflows.domain.attestations.ruling import evidence_wanted
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.errors import PolicyViolated
from workflows.domain.keys import fingerprint
from workflows.domain.values import digest_of

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
PEM = pem_of(a_key())
TESTS = {"name": "tests", "evidence": "test-result", "signedBy": ["ci"]}


def order(criteria=(TESTS,), *, signer=None, files=None):
    catalog = a_catalog(gated=True)
    catalog["policies"]["guarded"] |= {
        "criteria": list(criteria),
        "signers": [signer or {"name": "ci", "publicKey": PEM}],
    }
    if files is not None:
        catalog["files"] = files
    services = (a_service("checkout"), a_service("payments"))
    return an_order(a_release(*services, environments=("staging", "production")), catalog)


def evidence(service="checkout", **more):
    usual = {
        "artifact": build_of(service, "v2"),
        "type": EvidenceType.TEST_RESULT,
        "digest": digest_of(service),
        "at": NOON,
        "size": 1,
        "added_by": "ci",
        "signed": True,
        "keys": (fingerprint(PEM),),
        "figures": SuiteFigures(result="PASSED", passed=1, failed=0),
    }
    return Attestation(**{**usual, **more})


def test_the_builds_and_the_keys_of_the_policies_are_asked_about():
    wanted = evidence_wanted(order())

    assert wanted.artifacts == (build_of("checkout", "v2"), build_of("payments", "v2"))
    assert [key.id for key in wanted.keys] == [fingerprint(PEM)]


def test_nothing_is_asked_about_where_no_policy_has_criteria_or_nothing_can_be_read():
    assert evidence_wanted(order(criteria=())) is None
    assert evidence_wanted(an_order()) is None
    assert evidence_wanted(an_order({**a_release(), "spec": {}})) is None


def test_an_admission_tells_each_criterion_and_is_not_denied_for_what_is_missing():
    admission = admit(order(), Facts(at=NOON, attestations=(evidence(),)))

    assert [(r.environment, r.service, r.outcome) for r in admission.criteria] == [
        ("production", "checkout", "met"),
        ("production", "payments", "missing"),
    ]


def test_evidence_that_was_not_read_is_missing():
    assert [r.outcome for r in admit(order(), Facts(at=NOON)).criteria] == ["missing"] * 2


def test_approvals_are_of_the_evidence_too():
    def digest(*found):
        return admit(order(), Facts(at=NOON, attestations=found)).decision_digest

    both = digest(evidence(), evidence("payments"))

    assert both != digest(evidence())
    assert both != digest(evidence(digest=digest_of("other")), evidence("payments"))
    assert both == digest(evidence("payments"), evidence())


def test_without_facts_criteria_are_not_ruled_on():
    assert admit(order()).criteria == ()


def test_a_key_may_lie_in_a_file_beside_the_catalog():
    signer = {"name": "ci", "keyFile": "keys/ci.pem"}
    written = order(signer=signer, files={"keys/ci.pem": PEM})

    assert [key.id for key in evidence_wanted(written).keys] == [fingerprint(PEM)]
    assert admit(written, Facts(at=NOON, attestations=(evidence(),))).criteria[0].outcome == "met"


def test_a_file_that_holds_no_key_is_a_problem_of_the_order():
    signer = {"name": "ci", "keyFile": "keys/ci.pem"}
    written = order(signer=signer, files={"keys/ci.pem": "hello"})

    assert evidence_wanted(written) is None
    with pytest.raises(PolicyViolated, match=r"'production': signers\.ci\.keyFile: keys/ci"):
        admit(written, Facts(at=NOON))
