"""Adding evidence, listing it, and checking what was signed."""

import sys
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client

from starters import evidence
from starters.audit.envelopes import told, verified
from starters.board import clock
from starters.exit_codes import ExitCode
from starters.output import OutputFormat, show, table
from starters.releases import find, read
from starters.session import converse
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.values import Digest, short
from workflows.ports.attestations import AddedEvidence

_HEADINGS = ("type", "about", "file", "made at", "signed", "by", "flaw")


def add(
    files: list[Path],
    *,
    artifact: Digest,
    by: str,
    type: EvidenceType | None,
    release: str | None,
    output: OutputFormat,
) -> None:
    """Keep each of *files* as evidence about *artifact*, and tell the open releases.

    Raises:
        CommandFailed: a file cannot be sent, or is refused; those before it are kept.
    """
    packed = [evidence.packed(file) for file in files]

    async def work(client: Client) -> tuple[list[AddedEvidence], int]:
        waiting = None if release is None else await find(client, release)
        added = [await evidence.add(client, file, artifact, by=by, type=type) for file in packed]
        return added, await evidence.tell(client, waiting)

    added, releases = converse(work)
    lines: list[JsonValue] = [
        {**_told(each.attestation), "known": each.known, "location": each.location}
        for each in added
    ]

    def text() -> None:
        for file, each in zip(files, added, strict=True):
            attestation = each.attestation
            already = ", which was known already" if each.known else ""
            typer.echo(f"{file}: {attestation.type} {attestation.digest}{already}")
        typer.echo(f"told {releases} open release{'' if releases == 1 else 's'}")

    show({"evidence": lines, "releasesTold": releases}, output, text=text)


def listed(artifacts: list[Digest], *, release: str | None, output: OutputFormat) -> None:
    """What is kept about *artifacts*, and about the builds of *release*."""

    async def work(client: Client) -> tuple[Attestation, ...]:
        asked = list(artifacts)
        if release is not None:
            status = await read(client, await find(client, release))
            asked += [target.artifact.digest for target in status.targets]
        return await evidence.about(client, asked) if asked else ()

    found = converse(work)
    show([_told(each) for each in found], output, text=lambda: table(_HEADINGS, _rows(found)))


def _rows(found: tuple[Attestation, ...]) -> list[tuple[str, ...]]:
    return [
        (
            each.type.value,
            short(each.artifact),
            each.digest,
            clock(each.at),
            "yes" if each.signed else "no",
            each.added_by,
            each.flaw,
        )
        for each in found
    ]


def _told(each: Attestation) -> dict[str, JsonValue]:
    return {
        "evidence": each.type.value,
        "artifact": each.artifact,
        "digest": each.digest,
        "at": each.at.isoformat(),
        "size": each.size,
        "signed": each.signed,
        "addedBy": each.added_by,
        "flaw": each.flaw or None,
        "figures": None if each.figures is None else each.figures.model_dump(mode="json"),
    }


def verify(file: Path, *, keys: list[Path], artifact: Digest | None, output: OutputFormat) -> int:
    """Whether one of *keys* signed *file*, without asking anybody; AUDIT_BROKEN where none did.

    Raises:
        CommandFailed: the file, or a key, cannot be read.
    """
    verdict = verified(evidence.content_of(file), keys, artifact=artifact)

    def text() -> None:
        if verdict.flaw is not None or verdict.statement is None:
            typer.echo(f"{file}: not verified: {verdict.flaw}")
            return
        what = verdict.decision or verdict.statement.predicate_type
        about = ", ".join(verdict.statement.subjects)
        typer.echo(f"{file}: verified by {', '.join(verdict.signed_by)}: {what}, about {about}")

    show(told(verdict), output, text=text)
    return ExitCode.OK if verdict.flaw is None else ExitCode.AUDIT_BROKEN


def get(digest: Digest, *, to: Path | None) -> None:
    """Write the file of *digest* to *to*, or to the output.

    Raises:
        CommandFailed: it is not kept, or is not what it was.
    """

    async def work(client: Client) -> bytes:
        return await evidence.fetch(client, digest)

    content = converse(work)
    if to is None:
        sys.stdout.buffer.write(content)
    else:
        to.write_bytes(content)


def keys(*, output: OutputFormat) -> None:
    """Print the public keys that decisions are checked with."""
    found = converse(evidence.keys)
    document: JsonValue = {"name": found.name, "keys": list(found.pems)}
    show(document, output, text=lambda: typer.echo("".join(found.pems), nl=False))
