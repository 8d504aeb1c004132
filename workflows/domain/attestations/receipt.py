"""Which build a file of evidence was added to, by whom and when: signed, so it stays that way."""

from pydantic import AwareDatetime, ValidationError

from workflows.domain.attestations.statement import (
    RECEIPT,
    STATEMENT,
    StatementInvalid,
    read_statement,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.canonical import canonical
from workflows.domain.values import Digest, Value


class Receipt(Value):
    """*added_by* added the file *digest*, of so many bytes, to *artifact*, at *received_at*."""

    artifact: Digest
    digest: Digest
    type: EvidenceType
    size: int
    added_by: str
    received_at: AwareDatetime


def receipt_statement(receipt: Receipt) -> bytes:
    """The receipt as the in-toto statement that is signed."""
    return canonical(
        {
            "_type": STATEMENT,
            "subject": [
                {"name": "artifact", "digest": {"sha256": receipt.artifact.partition(":")[2]}}
            ],
            "predicateType": RECEIPT,
            "predicate": receipt.model_dump(mode="json"),
        }
    ).encode()


def read_receipt(payload: bytes) -> Receipt:
    """The receipt in *payload*, whose signature was verified.

    Raises:
        StatementInvalid: another statement, or one that contradicts itself.
    """
    statement = read_statement(payload)
    if statement.predicate_type != RECEIPT:
        raise StatementInvalid(f"expected a receipt, found {statement.predicate_type}")
    try:
        receipt = Receipt.model_validate(statement.predicate)
    except ValidationError as error:
        raise StatementInvalid(f"the receipt lacks {error.error_count()} of its fields") from error
    if statement.subjects != (receipt.artifact,):
        raise StatementInvalid("the receipt's subject is not its artifact")
    return receipt
