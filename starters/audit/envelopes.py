"""Checking an envelope with public keys alone: no server, no vault, no trust in us."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from workflows.domain.attestations.dsse import EnvelopeInvalid, opened, verifies
from workflows.domain.attestations.statement import (
    DENIAL,
    VERIFICATION,
    Statement,
    StatementInvalid,
    read_statement,
)
from workflows.domain.canonical import read_json
from workflows.domain.values import Digest


class Verdict(NamedTuple):
    """What an envelope says, and which of the keys verify it; *flaw* says why it cannot count."""

    statement: Statement | None
    signed_by: tuple[str, ...]
    flaw: str | None

    @property
    def decision(self) -> str | None:
        """`go` or `no go`, where it is a decision."""
        kind = self.statement.predicate_type if self.statement is not None else ""
        return {VERIFICATION: "go", DENIAL: "no go"}.get(kind)


def verified(content: bytes, keys: Sequence[Path], *, artifact: Digest | None) -> Verdict:
    """Whether one of *keys* has signed *content*, and whether it is about *artifact*.

    Nothing of what it says is read unless a key verifies it.

    Raises:
        CommandFailed: a key cannot be read, or is of no type that is checked here.
    """
    try:
        document = read_json(content)
        envelope = opened(document if isinstance(document, dict) else {})
    except ValueError as error:
        return Verdict(None, (), f"it is no envelope of a statement: {error}")
    signed_by = []
    for key in keys:
        try:
            if any(verifies(envelope, pem) for pem in _pems(key)):
                signed_by.append(str(key))
        except EnvelopeInvalid as error:
            raise CommandFailed(f"{key}: {error}", ExitCode.USAGE) from error
    if not signed_by:
        return Verdict(None, (), "no signature of it is by any of the keys")
    try:
        statement = read_statement(envelope.payload)
    except StatementInvalid as error:
        return Verdict(None, tuple(signed_by), str(error))
    flaw = None
    if artifact is not None and artifact not in statement.subjects:
        flaw = f"it is about {', '.join(statement.subjects)}, not about {artifact}"
    return Verdict(statement, tuple(signed_by), flaw)


def told(verdict: Verdict) -> JsonValue:
    """The verdict for programs."""
    statement = verdict.statement
    return {
        "verified": verdict.flaw is None,
        "flaw": verdict.flaw,
        "signedBy": list(verdict.signed_by),
        "decision": verdict.decision,
        "predicateType": statement.predicate_type if statement is not None else None,
        "subjects": list(statement.subjects) if statement is not None else [],
        "predicate": statement.predicate if statement is not None else None,
    }


def _pems(key: Path) -> list[str]:
    """The public keys in the file, one after the other, as `lockgate evidence keys` prints them.

    Raises:
        CommandFailed: it cannot be read.
    """
    try:
        text = key.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{key}: cannot be read as a key: {error}", ExitCode.USAGE) from error
    end = "-----END PUBLIC KEY-----"
    return [f"{part}{end}\n" for part in text.split(end) if part.strip()]
