"""The sealed side of the audit record, through the worker that holds ledger, vault and store."""

import uuid
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue
from temporalio.client import Client

from starters.asking import asked
from starters.audit.record import page
from starters.failures import ReleaseNotFound
from starters.files.problems import nearest
from workflows.domain.audit import DECISION, Link
from workflows.domain.audit_log.access import Access
from workflows.domain.audit_log.pack import ChainPart
from workflows.domain.audit_log.proof import Proof
from workflows.ports.audit import AuditPort, ListChains
from workflows.ports.decision_log import DecisionLogPort, ReadDecision
from workflows.ports.sealing import (
    CheckLog,
    LogReport,
    ProveRecords,
    ReadSeals,
    Sealed,
    SealingPort,
    SealRecord,
    Seals,
)

_LONG = timedelta(minutes=30)


def access_of(reader: str, purpose: str) -> Access:
    """A session of *reader*, from now on."""
    return Access(reader=reader, session=uuid.uuid4().hex, at=datetime.now(UTC), purpose=purpose)


async def seal(client: Client, *, why: str) -> Sealed:
    """Have everything sealed that is recorded now; raises as `asked` does."""
    return await asked(
        client, SealingPort.seal_record, SealRecord(why=why), about="audit/seal", patience=_LONG
    )


async def seals(client: Client, sizes: Iterable[int] = (), *, newest: int | None = None) -> Seals:
    """The checkpoints of *sizes* and the newest, or the one that is to be taken as the newest."""
    ask = ReadSeals(sizes=tuple(sizes), newest=newest)
    return await asked(client, SealingPort.read_seals, ask, about="audit/seals")


async def whole_log(client: Client) -> LogReport:
    """Every record against every checkpoint, however long that takes."""
    return await asked(
        client, SealingPort.check_log, CheckLog(), about="audit/log", patience=_LONG
    )


def ruled(links: Iterable[Link]) -> tuple[str, ...]:
    """The content addresses of the rulings that *links* name, each once, in their order."""
    named = (link.entry.detail for link in links if link.entry.action == DECISION)
    return tuple(dict.fromkeys(named))


async def chains_of(client: Client, name: str) -> tuple[str, ...]:
    """The chain called *name*, or those of every run of the release of that name.

    The ledger is asked, which remembers releases that Temporal has forgotten.

    Raises:
        ReleaseNotFound: nothing is recorded under that name.
    """
    known = [chain async for chain in chains(client)]
    found = tuple(c for c in known if c == name or c.startswith(f"release/{name}/"))
    if not found:
        raise ReleaseNotFound(f"nothing is recorded of {name!r}: {nearest(name, known)}")
    return found


async def chains(client: Client) -> AsyncIterator[str]:
    """The names of every chain."""
    after = ""
    while found := (
        await asked(client, AuditPort.list_chains, ListChains(after=after), about="audit/chains")
    ).chains:
        for chain in found:
            yield chain
        after = found[-1]


async def proofs(
    client: Client, chain: str, *, size: int
) -> tuple[tuple[Proof, ...], frozenset[int]]:
    """The proofs of *chain* under the checkpoint of *size*, and which checkpoints came first."""
    found: list[Proof] = []
    covering: set[int] = set()
    while True:
        after = found[-1].position if found else 0
        ask = ProveRecords(chain=chain, size=size, after=after)
        read = await asked(client, SealingPort.prove_records, ask, about="audit/proofs")
        if not read.proofs:
            return tuple(found), frozenset(covering)
        found += read.proofs
        if read.covering is not None:
            covering.add(read.covering)


async def part(
    client: Client, chain: str, *, size: int, access: Access
) -> tuple[ChainPart, frozenset[int]]:
    """One chain as far as the checkpoint of *size* covers it, with proofs and rulings.

    And the checkpoints that covered its records first.
    """
    links: list[Link] = []
    while read := (
        await page(client, chain, after=links[-1].position if links else 0, access=access)
    ).links:
        links += read
    proved, covering = await proofs(client, chain, size=size)
    covered = tuple(links[: len(proved)])
    kept = [ruling async for ruling in rulings(client, ruled(covered))]
    found = ChainPart(chain=chain, links=covered, proofs=proved, decisions=tuple(kept))
    return found, covering


async def rulings(client: Client, digests: Iterable[str]) -> AsyncIterator[JsonValue]:
    """The rulings of these content addresses, each whole, in the order given."""
    for digest in digests:
        read = ReadDecision(digest=digest)
        kept = await asked(client, DecisionLogPort.read_decision, read, about="audit/ruling")
        yield kept.model_dump(mode="json")
