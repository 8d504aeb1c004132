"""Reading recorded rulings, through the worker that holds the ledger."""

import asyncio
from collections.abc import Collection

from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from starters.asking import asked
from starters.releases import executions
from workflows.domain.admission.recorded import DecisionEntry, RecordedDecision
from workflows.domain.names import Attribute
from workflows.domain.values import Digest
from workflows.ports.decision_log import DecisionLogPort, ListDecisions, ReadDecision

_AT_ONCE = 8
_ASKED_TOGETHER = 25
_PHASE = SearchAttributeKey.for_keyword(Attribute.PHASE)


async def newest(
    client: Client, *, last: int, name: str | None = None
) -> tuple[DecisionEntry, ...]:
    """The *last* rulings, the newest first.

    Raises:
        NobodyAnswers: no worker serves the ledger's queue, or the ledger is down.
    """
    ask = ListDecisions(limit=last, name=name)
    found = await asked(client, DecisionLogPort.list_decisions, ask, about="decisions/list")
    return found.decisions


async def read(client: Client, digest: Digest) -> RecordedDecision:
    """One ruling with all that it went by.

    Raises:
        ReleaseError: there is none, or the ledger was changed.
        NobodyAnswers: no worker serves the ledger's queue, or the ledger is down.
    """
    ask = ReadDecision(digest=digest)
    return await asked(client, DecisionLogPort.read_decision, ask, about=f"decisions/{digest}")


async def outcomes_of(client: Client, releases: Collection[str]) -> dict[str, str]:
    """The phase in which each of *releases* ended, as far as Temporal still knows it."""
    ids = sorted(releases)
    found: dict[str, str] = {}
    for start in range(0, len(ids), _ASKED_TOGETHER):
        some = ids[start : start + _ASKED_TOGETHER]
        query = " OR ".join(f"WorkflowId = '{one}'" for one in some)
        async for execution in executions(client, f"({query})", limit=4 * _ASKED_TOGETHER):
            phase = execution.typed_search_attributes.get(_PHASE)
            if execution.close_time is not None and phase is not None:
                found.setdefault(execution.id, phase)
    return found


async def recorded(client: Client, *, last: int) -> list[RecordedDecision]:
    """The *last* rulings, whole, the newest first."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(entry: DecisionEntry) -> RecordedDecision:
        async with turn:
            return await read(client, entry.digest)

    entries = await newest(client, last=last)
    return list(await asyncio.gather(*(one(entry) for entry in entries)))
