"""Reading the audit record of a release, through the worker that holds the ledger."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio.client import ActivityFailureError, Client

from starters.failures import NobodyAnswers
from workflows.domain.evidence import Link, broken
from workflows.ports.base import limits_of, queue_of
from workflows.ports.evidence import ChainHead, EvidencePage, EvidencePort, ReadEvidence

_PATIENCE = timedelta(seconds=20)
"""For a person at a keyboard; the port's own limit is for stories that can wait."""


async def page(client: Client, release: str, *, after: int = 0) -> EvidencePage:
    """The entries of *release* after position *after*, as many as one page holds.

    An activity without a workflow reads it: a command line holds no password of the ledger.

    Raises:
        NobodyAnswers: no worker serves the queue of the ledger, or the ledger is down.
    """
    method = EvidencePort.read_evidence
    queue = queue_of(method)
    try:
        return await client.execute_activity_method(
            method,
            args=[ReadEvidence(release=release, after=after)],
            id=f"{release}/record/{uuid.uuid4()}",
            task_queue=queue,
            start_to_close_timeout=limits_of(method).attempt,
            schedule_to_close_timeout=_PATIENCE,
            summary=f"read the record of {release}",
        )
    except ActivityFailureError as error:
        raise NobodyAnswers(
            f"the audit record of {release} cannot be read within "
            f"{_PATIENCE.total_seconds():.0f} s: {_innermost(error)}; "
            f"is a worker of the queue `{queue}` running? `lockgate doctor`"
        ) from error


async def links(client: Client, release: str, *, after: int = 0) -> AsyncIterator[Link]:
    """Every entry of *release* after position *after*, in order."""
    while True:
        read = await page(client, release, after=after)
        for link in read.links:
            yield link
        if not read.links or read.head is None or read.links[-1].position >= read.head.position:
            return
        after = read.links[-1].position


async def verified(client: Client, release: str) -> tuple[tuple[Link, ...], str | None]:
    """The whole record, and where it is not what was written, or None when every link holds."""
    found: list[Link] = []
    head: ChainHead | None = None
    while (read := await page(client, release, after=found[-1].position if found else 0)).links:
        head = head or read.head
        found += read.links
    if head is None:
        return tuple(found), broken(found)
    # Against the head as it was when reading began: entries may have been added meanwhile.
    until = [link for link in found if link.position <= head.position]
    return tuple(found), broken(until, head=head.hash) or broken(found)


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
