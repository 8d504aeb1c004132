"""in-toto statements: which builds they are about, and what kind of thing they say of them."""

from typing import NamedTuple

from pydantic import JsonValue

from workflows.domain.canonical import read_json
from workflows.domain.values import Digest

STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
VERIFICATION = "https://in-toto.io/attestation/svr/v0.2"
CYCLONEDX = "https://cyclonedx.org/bom"
SPDX = "https://spdx.dev/Document"

_OWN = "https://lockgate.dev/attestations"
REPORT = f"{_OWN}/report/v1"
"""A file of another format, signed: `{"content": TEXT}`."""
BENCHMARK = f"{_OWN}/benchmark/v1"
REHEARSAL = f"{_OWN}/migration-rehearsal/v1"
SIGN_OFF = f"{_OWN}/security-sign-off/v1"
DENIAL = f"{_OWN}/denial/v1"
RECEIPT = f"{_OWN}/receipt/v1"

MOST_SUBJECTS = 100


class StatementInvalid(ValueError):
    """It is no in-toto statement that can be used; the message says where and why."""


class Statement(NamedTuple):
    """What is said (*predicate*), in which terms (its type), about which builds."""

    subjects: tuple[Digest, ...]
    predicate_type: str
    predicate: dict[str, JsonValue]


def is_statement(document: object) -> bool:
    return isinstance(document, dict) and "predicateType" in document and "_type" in document


def read_statement(content: bytes | dict[str, JsonValue]) -> Statement:
    """The statement in *content*: bytes that were verified, or a document not signed at all.

    Raises:
        StatementInvalid: not JSON, another version, no subject with a sha256 digest.
    """
    document = _document(content)
    if (version := document.get("_type")) != STATEMENT:
        raise StatementInvalid(f"_type: found {version!r}, expected {STATEMENT!r}")
    predicate_type, predicate = document.get("predicateType"), document.get("predicate")
    if not isinstance(predicate_type, str) or not isinstance(predicate, dict):
        raise StatementInvalid("predicateType and predicate: expected a text and a mapping")
    return Statement(_subjects(document.get("subject")), predicate_type, predicate)


def _document(content: bytes | dict[str, JsonValue]) -> dict[str, JsonValue]:
    if isinstance(content, dict):
        return content
    try:
        document = read_json(content)
    except ValueError as error:
        raise StatementInvalid(f"the payload is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise StatementInvalid("the payload is not a JSON object")
    return document


def _subjects(listed: JsonValue) -> tuple[Digest, ...]:
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_SUBJECTS:
        raise StatementInvalid(f"subject: expected 1 to {MOST_SUBJECTS} subjects")
    found = []
    for place, each in enumerate(listed):
        digests = each.get("digest") if isinstance(each, dict) else None
        named = digests.get("sha256") if isinstance(digests, dict) else None
        if not isinstance(named, str) or not _is_hex(named):
            raise StatementInvalid(f"subject.{place}.digest: expected a sha256 of 64 hex digits")
        found.append(f"sha256:{named.lower()}")
    return tuple(found)


def _is_hex(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdefABCDEF")
