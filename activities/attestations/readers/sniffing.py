"""Which format a file of evidence is in, by its content; nobody has to say, nor can lie."""

from typing import NamedTuple

from pydantic import JsonValue

from activities.attestations.readers import suites
from activities.attestations.readers.coverage import read_cobertura, read_lcov
from activities.attestations.readers.materials import (
    read_cyclonedx,
    read_spdx,
    read_spdx_graph,
)
from activities.attestations.readers.sarif import read_sarif
from activities.attestations.readers.statements import (
    MOST_CHARACTERS,
    Report,
    about,
    read_statement,
)
from activities.attestations.readers.unreadable import Unreadable, local, markup, parsed
from workflows.domain.attestations import dsse
from workflows.domain.attestations import statement as in_toto
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.dsse import Envelope, EnvelopeInvalid
from workflows.domain.attestations.statement import Statement, StatementInvalid
from workflows.domain.canonical import read_json

MOST_BYTES = MOST_CHARACTERS
_BOM = b"\xef\xbb\xbf"
_LCOV = (b"TN:", b"SF:")
_KNOWN = (
    "JUnit XML, Cobertura XML, LCOV, SARIF 2.1.0, CycloneDX JSON, SPDX JSON, in-toto statements "
    "v1 and DSSE envelopes"
)


class Evidence(NamedTuple):
    """What a file says, and the envelope that it came in, if any."""

    reading: Reading
    envelope: Envelope | None = None


def read_evidence(content: bytes) -> Evidence:
    """What *content* says; of an envelope the signatures are left for the caller to check.

    Raises:
        Unreadable: too large, of no known format, or not what its format wants.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(f"the file has {len(content)} bytes, at most {MOST_BYTES} are read")
    try:
        return _read(content.removeprefix(_BOM))
    except (EnvelopeInvalid, StatementInvalid) as error:
        raise Unreadable(str(error)) from error


def _read(content: bytes) -> Evidence:
    start = content.lstrip()
    if not start.startswith(b"{"):
        return Evidence(_read_report(content))
    document = _json(content)
    if dsse.is_envelope(document):
        envelope = dsse.opened(document)
        said = _read_statement(in_toto.read_statement(envelope.payload))
        return Evidence(said.model_copy(update={"signed": True}), envelope)
    if in_toto.is_statement(document):
        return Evidence(_read_statement(in_toto.read_statement(document)))
    return Evidence(_read_document(document))


def _read_statement(statement: Statement) -> Reading:
    if statement.predicate_type != in_toto.REPORT:
        return read_statement(statement)
    # A statement within a statement would leave open which of the two is meant.
    report = parsed(Report, statement.predicate, "report").content.encode()
    if report.lstrip().startswith(b"{"):
        return about(_read_document(_json(report)), statement)
    return about(_read_report(report), statement)


def _read_report(content: bytes) -> Reading:
    start = content.lstrip()[:4]
    if start.startswith(_LCOV):
        return read_lcov(content)
    if not start.startswith(b"<"):
        raise Unreadable(f"no format that is known: it begins with {start!r}; known are {_KNOWN}")
    root = markup(content)
    if local(root) in suites.ROOTS:
        return suites.read_junit(root)
    if local(root) == "coverage":
        return read_cobertura(root)
    raise Unreadable(f"XML with the root {local(root)[:100]!r} is none of {_KNOWN}")


def _read_document(document: dict[str, JsonValue]) -> Reading:
    if "runs" in document:
        return read_sarif(document)
    if document.get("bomFormat") == "CycloneDX":
        return read_cyclonedx(document)
    if "spdxVersion" in document:
        return read_spdx(document)
    if "@graph" in document:
        return read_spdx_graph(document)
    keys = ", ".join(list(document)[:5]) or "none"
    raise Unreadable(f"JSON with the keys {keys[:200]} is none of {_KNOWN}")


def _json(content: bytes) -> dict[str, JsonValue]:
    try:
        document = read_json(content)
    except ValueError as error:
        raise Unreadable(f"JSON: {error}") from error
    if not isinstance(document, dict):
        raise Unreadable("JSON: expected an object")
    return document
