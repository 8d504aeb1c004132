"""Asks workers what would be ruled on an order, and rules by the documents where none answers."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError

from infra.rego.process import RegoProcess
from starters.failures import CommandFailed
from starters.session import converse
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.admission.foreseen import Foreseen
from workflows.domain.errors import PolicyViolated
from workflows.domain.names import Queue
from workflows.domain.release.order import ReleaseOrder
from workflows.preview import PreviewWorkflow

_TAKEN_WITHIN = timedelta(seconds=5)
_ANSWERED_WITHIN = timedelta(seconds=60)
_LOOKS = 20
_UNTAKEN = 2
"""Events of a story that no worker has taken yet: it was started, and its first task waits."""

NOBODY_ASKED = "nobody was asked"


def foresee(order: ReleaseOrder, *, ask: bool = True) -> Foreseen:
    """What would be ruled on *order* now; a plan never fails for want of a worker."""
    if not ask:
        return by_documents(order, unread=NOBODY_ASKED)

    async def work(client: Client) -> Foreseen:
        return await foreseen(client, order)

    try:
        return converse(work)
    except CommandFailed as failure:
        return by_documents(order, unread=str(failure))


async def foreseen(client: Client, order: ReleaseOrder, *, queue: str = Queue.STORIES) -> Foreseen:
    """The ruling of the workers, or one by the documents where they give none."""
    try:
        handle = await client.start_workflow(
            PreviewWorkflow.run,
            order,
            id=f"preview/{order.name}/{uuid.uuid4().hex}",
            task_queue=queue,
            execution_timeout=_ANSWERED_WITHIN,
            static_summary=f"what would be ruled on {order.name}",
        )
        if not await _taken(handle):
            await handle.terminate("nobody took it, and whoever asked has gone")
            unread = f"no worker answers on the queue `{Queue.STORIES}`: `lockgate doctor`"
            return by_documents(order, unread=unread)
        return await handle.result()
    except WorkflowFailureError as failure:
        unread = f"the workers gave no ruling: {failure.cause or failure}"
    except RPCError as error:
        unread = f"Temporal does not take the question: {error.message}"
    return by_documents(order, unread=unread)


async def _taken(handle: WorkflowHandle[PreviewWorkflow, Foreseen]) -> bool:
    """Whether a worker takes the story within the time that somebody waits for one."""
    for _ in range(_LOOKS):
        if (await handle.describe()).history_length > _UNTAKEN:
            return True
        await asyncio.sleep(_TAKEN_WITHIN.total_seconds() / _LOOKS)
    return False


def by_documents(order: ReleaseOrder, *, unread: str) -> Foreseen:
    """The ruling here, by the documents and their rules alone; no fact is known."""
    facts = Facts(at=datetime.now(UTC), foreseen=True)
    try:
        admission = admit(order, facts, RegoProcess())
    except PolicyViolated as refused:
        return Foreseen(facts=facts, refused=str(refused), unread=unread)
    return Foreseen(facts=facts, admission=admission, unread=unread)
