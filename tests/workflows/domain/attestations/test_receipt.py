"""Receipts say which build a file belongs to, and nothing that contradicts itself."""

import json
from datetime import UTC, datetime

import pytest

from tests.attesting import BUILD, OTHER
from workflows.domain.attestations.receipt import Receipt, read_receipt, receipt_statement
from workflows.domain.attestations.statement import StatementInvalid
from workflows.domain.attestations.types import EvidenceType

RECEIPT = Receipt(
    artifact=BUILD,
    digest=OTHER,
    type=EvidenceType.SARIF,
    size=7,
    added_by="ana",
    received_at=datetime(2026, 11, 10, tzinfo=UTC),
)


def test_a_receipt_is_read_as_it_was_written():
    assert read_receipt(receipt_statement(RECEIPT)) == RECEIPT


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"predicateType": "https://slsa.dev/provenance/v1"}, "expected a receipt"),
        ({"predicate": {}}, "lacks 6 of its fields"),
        ({"subject": [{"digest": {"sha256": "a" * 64}}]}, "subject is not its artifact"),
    ],
)
def test_anything_else_is_refused(change, why):
    document = json.loads(receipt_statement(RECEIPT))

    with pytest.raises(StatementInvalid, match=why):
        read_receipt(json.dumps({**document, **change}).encode())
