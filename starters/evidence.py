"""Handing evidence to the worker that keeps it, and telling releases that it came."""

import base64
import gzip
import zlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from starters.asking import asked
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.releases import executions, handle_of
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.errors import ReleaseError
from workflows.domain.values import Digest, digest_of
from workflows.ports.attestations import (
    MOST_SENT,
    AddedEvidence,
    AddEvidence,
    AttestationsPort,
    FetchEvidence,
    ReadAttestations,
    ReadVerificationKeys,
    SentFile,
    VerificationKeys,
)
from workflows.release import ReleaseWorkflow

_PATIENCE = timedelta(seconds=60)
_MOST_TOLD = 500
_MOST_READ = 64 * 1024 * 1024


def content_of(path: Path) -> bytes:
    """The bytes of the file at *path*.

    Raises:
        CommandFailed: it cannot be read, or is larger than any evidence.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_READ + 1)
    except OSError as error:
        raise CommandFailed(f"{path}: cannot be read: {error.strerror}", ExitCode.USAGE) from error
    if len(content) > _MOST_READ:
        raise CommandFailed(f"{path}: has more than {_MOST_READ} bytes", ExitCode.USAGE)
    return content


def packed(path: Path) -> SentFile:
    """The file at *path*, ready to travel.

    Raises:
        CommandFailed: it cannot be read, or is too large even when compressed.
    """
    content = content_of(path)
    pressed = gzip.compress(content, mtime=0)
    if len(pressed) > MOST_SENT:
        raise CommandFailed(
            f"{path}: has more than {MOST_SENT} bytes when compressed, which is all that travels; "
            "attest what it says where it is made (in-toto's test-result), or split it",
            ExitCode.USAGE,
        )
    return SentFile(digest=digest_of(content), content=base64.b64encode(pressed).decode())


def unpacked(sent: SentFile) -> bytes:
    """The bytes of a file that a worker gave out.

    Raises:
        CommandFailed: they are not those of its digest.
    """
    content = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(
        base64.b64decode(sent.content), _MOST_READ
    )
    if (found := digest_of(content)) != sent.digest:
        raise CommandFailed(f"evidence {sent.digest} arrived as {found}", ExitCode.AUDIT_BROKEN)
    return content


async def add(
    client: Client, file: SentFile, artifact: Digest, *, by: str, type: EvidenceType | None
) -> AddedEvidence:
    """Have *file* kept as evidence about *artifact*.

    Raises:
        CommandFailed: it is refused, with the reason.
        NobodyAnswers: no worker keeps evidence, or what it needs is down.
    """
    ask = AddEvidence(artifact=artifact, file=file, added_by=by, type=type)
    try:
        return await asked(
            client,
            AttestationsPort.add_evidence,
            ask,
            about=f"evidence/{file.digest}",
            patience=_PATIENCE,
        )
    except ReleaseError as refused:
        raise CommandFailed(str(refused), ExitCode.USAGE) from refused


async def about(client: Client, artifacts: Iterable[Digest]) -> tuple[Attestation, ...]:
    """What is kept about *artifacts*, the newest first.

    Raises:
        CommandFailed: it is refused, with the reason.
        NobodyAnswers: no worker keeps evidence, or what it needs is down.
    """
    ask = ReadAttestations(artifacts=tuple(dict.fromkeys(artifacts)), older=True)
    try:
        found = await asked(
            client,
            AttestationsPort.read_attestations,
            ask,
            about="evidence/list",
            patience=_PATIENCE,
        )
    except ReleaseError as refused:
        raise CommandFailed(str(refused), ExitCode.USAGE) from refused
    return found.attestations


async def fetch(client: Client, digest: Digest) -> bytes:
    """The file of *digest*.

    Raises:
        CommandFailed: it is not kept, or is not what it was.
        NobodyAnswers: no worker keeps evidence, or what it needs is down.
    """
    ask = FetchEvidence(digest=digest)
    try:
        sent = await asked(
            client, AttestationsPort.fetch_evidence, ask, about=f"evidence/{digest}"
        )
    except ReleaseError as refused:
        raise CommandFailed(str(refused), ExitCode.USAGE) from refused
    return unpacked(sent)


async def keys(client: Client) -> VerificationKeys:
    """The public keys that Lockgate's own decisions are checked with.

    Raises:
        CommandFailed: there are none, with the reason.
        NobodyAnswers: no worker keeps evidence, or what it needs is down.
    """
    try:
        return await asked(
            client,
            AttestationsPort.read_verification_keys,
            ReadVerificationKeys(),
            about="evidence/keys",
        )
    except ReleaseError as refused:
        raise CommandFailed(str(refused), ExitCode.USAGE) from refused


async def tell(client: Client, release: str | None = None) -> int:
    """Tell *release*, or every open one, that evidence came; how many were told.

    One that has no use for it rules anew and finds nothing changed; one that has just ended
    needs no telling.
    """
    if release is not None:
        return int(await _told(client, release))
    open_ones = [
        each.id
        async for each in executions(client, "ExecutionStatus = 'Running'", limit=_MOST_TOLD)
    ]
    return sum([await _told(client, each) for each in open_ones])


async def _told(client: Client, release: str) -> bool:
    try:
        await handle_of(client, release).signal(ReleaseWorkflow.evidence_arrived)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
