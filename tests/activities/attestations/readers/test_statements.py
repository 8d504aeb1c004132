"""Statements are read by their predicate's type, and are about their own subjects."""

import pytest

from activities.attestations.readers.statements import about, read_statement
from activities.attestations.readers.unreadable import Unreadable
from tests.attesting import (
    BUILD,
    OTHER,
    PRODUCED,
    a_statement,
    benchmark,
    cyclonedx,
    provenance,
    rehearsal,
    results,
    sign_off,
    spdx,
)
from workflows.domain.attestations import statement as types
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.figures import (
    SignOffFigures,
)
from workflows.domain.attestations.types import EvidenceType

VERDICT = {"verifier": {"id": "v"}, "timeCreated": PRODUCED, "properties": ["A"]}


def read(predicate_type, predicate):
    return read_statement(types.read_statement(a_statement(predicate_type, predicate)))


@pytest.mark.parametrize(
    ("predicate_type", "predicate", "found"),
    [
        (types.PROVENANCE, provenance(), "slsa-provenance"),
        (types.TEST_RESULT, results(), "test-result"),
        (types.CYCLONEDX, cyclonedx(), "sbom"),
        (types.SPDX, spdx(), "sbom"),
        (types.SPDX, {"@graph": []}, "sbom"),
        (types.BENCHMARK, benchmark(), "benchmark"),
        (types.REHEARSAL, rehearsal(), "migration-rehearsal"),
        (types.SIGN_OFF, sign_off(), "security-sign-off"),
        (types.VERIFICATION, VERDICT, "decision"),
        (types.DENIAL, VERDICT, "decision"),
    ],
)
def test_each_type_is_read_as_what_it_is(predicate_type, predicate, found):
    reading = read(predicate_type, predicate)

    assert (reading.type, reading.artifacts) == (found, (BUILD,))


def test_a_denial_allows_nothing():
    assert read(types.VERIFICATION, VERDICT).figures.allowed
    assert not read(types.DENIAL, VERDICT).figures.allowed


def test_a_type_that_nobody_knows_is_named_with_those_that_are():
    with pytest.raises(Unreadable, match=r"'https://x' is none.*test-result/v0\.1.*report/v1"):
        read("https://x", {})


def test_a_predicate_about_another_build_than_its_statement_is_refused():
    reading = Reading(
        type=EvidenceType.SBOM, figures=SignOffFigures(approved=True), artifacts=(OTHER,)
    )

    with pytest.raises(Unreadable, match="no subject of the statement"):
        about(reading, types.read_statement(a_statement(types.CYCLONEDX, {})))
