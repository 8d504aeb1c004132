"""Reading the audit record of a release, through the worker that holds the ledger."""

from collections.abc import AsyncIterator

from temporalio.client import Client

from starters.asking import asked
from workflows.domain.audit import Link, broken
from workflows.domain.audit_log.access import Access
from workflows.ports.audit import AuditPort, ChainHead, ReadRecord, RecordPage


async def page(
    client: Client, release: str, *, after: int = 0, access: Access | None = None
) -> RecordPage:
    """The entries of *release* after position *after*, as many as one page holds.

    That *access* was had is on the record; once, for all pages of its session.

    An activity without a workflow reads it: a command line holds no password of the ledger.

    Raises:
        NobodyAnswers: no worker serves the queue of the ledger, or the ledger is down.
    """
    ask = ReadRecord(release=release, after=after, access=access)
    return await asked(client, AuditPort.read_record, ask, about=f"{release}/record")


async def links(
    client: Client, release: str, *, after: int = 0, access: Access | None = None
) -> AsyncIterator[Link]:
    """Every entry of *release* after position *after*, in order."""
    while True:
        read = await page(client, release, after=after, access=access)
        for link in read.links:
            yield link
        if not read.links or read.head is None or read.links[-1].position >= read.head.position:
            return
        after = read.links[-1].position


async def verified(
    client: Client, release: str, *, access: Access | None = None
) -> tuple[tuple[Link, ...], str | None]:
    """The whole record, and where it is not what was written, or None when every link holds."""
    found: list[Link] = []
    head: ChainHead | None = None
    while (
        read := await page(
            client, release, after=found[-1].position if found else 0, access=access
        )
    ).links:
        head = head or read.head
        found += read.links
    if head is None:
        return tuple(found), broken(found)
    # Against the head as it was when reading began: entries may have been added meanwhile.
    until = [link for link in found if link.position <= head.position]
    return tuple(found), broken(until, head=head.hash) or broken(found)
