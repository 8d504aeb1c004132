"""Finding environments in Temporal, reading where each stands, and telling one something."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import timedelta
from typing import TypeAlias, TypeVar

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.workflow import UpdateMethodMultiParam

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers
from starters.files.problems import nearest
from starters.releases import ANSWER_WITHIN, described, unanswered
from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.names import environment_id, environment_of
from workflows.environment import EnvironmentWorkflow
from workflows.reclaim import ReclaimWorkflow

STORY, RECLAIM = EnvironmentWorkflow.__name__, ReclaimWorkflow.__name__
"""What a story of an environment may be: its own, or the removal of what had none."""

TELL_WITHIN = timedelta(seconds=20)
_AT_ONCE = 10
"""So many are asked at the same time: each answer is a task of a worker."""

EnvironmentHandle = WorkflowHandle[EnvironmentWorkflow, EnvironmentView]
SaidT = TypeVar("SaidT")
Update: TypeAlias = UpdateMethodMultiParam[[EnvironmentWorkflow, SaidT], EnvironmentView]
T = TypeVar("T")
NameT = TypeVar("NameT")


class EnvironmentNotFound(CommandFailed):
    """No environment of that name is known to Temporal any more."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ExitCode.USAGE)


def handle_of(client: Client, name: str) -> EnvironmentHandle:
    return client.get_workflow_handle_for(EnvironmentWorkflow.run, environment_id(name))


def name_of(story: str) -> str:
    """The name of the environment whose story has this workflow id."""
    return environment_of(story) or story


def living(client: Client, conditions: Iterable[str] = ()) -> AsyncIterator[WorkflowExecution]:
    """The environments whose story runs and that meet every condition of Temporal's search."""
    return stories(client, ("ExecutionStatus = 'Running'", *conditions))


def stories(
    client: Client, conditions: Iterable[str] = (), *, limit: int | None = None
) -> AsyncIterator[WorkflowExecution]:
    """Every run of an environment's story that meets all conditions, newest first."""
    kinds = f"WorkflowType IN ('{STORY}', '{RECLAIM}')"
    return client.list_workflows(" AND ".join((kinds, *conditions)), limit=limit)


async def found(client: Client, name: str) -> WorkflowExecutionDescription:
    """The latest run of the environment's story.

    Raises:
        EnvironmentNotFound: there is none; the text names the nearest one.
    """
    description = await described(client, environment_id(name))
    if description is not None:
        return description
    known = {name_of(one.id) async for one in stories(client, limit=200)}
    raise EnvironmentNotFound(
        f"no environment {name!r} in namespace {client.namespace}: {nearest(name, known)}"
    )


async def lives_in_temporal(client: Client, name: str) -> bool:
    """Whether a story of this name runs, its own or the removal of what had none."""
    description = await described(client, environment_id(name))
    return description is not None and description.status is WorkflowExecutionStatus.RUNNING


async def read(client: Client, name: str) -> EnvironmentView:
    """Where the environment stands; one whose story was ended from outside is told as left over.

    Raises:
        EnvironmentNotFound: Temporal does not know it.
        NobodyAnswers: no worker answers the question; the environment is not harmed by that.
    """
    description = await found(client, name)
    if description.status is WorkflowExecutionStatus.COMPLETED:
        return await handle_of(client, name).result()  # needs no worker
    try:
        # Both kinds of story tell it under this name.
        view = await handle_of(client, name).query(
            EnvironmentWorkflow.status, rpc_timeout=ANSWER_WITHIN
        )
    except (RPCError, WorkflowQueryFailedError) as error:
        raise unanswered(error) from error
    if description.status is WorkflowExecutionStatus.RUNNING:
        return view
    how = str(description.status.name if description.status else "ended").lower()
    reason = (
        f"its story was {how} from outside: what exists of it has nobody who removes it before "
        f"the sweep of orphans; `lockgate env census {name}` counts it"
    )
    left = {"phase": EnvironmentPhase.TEARDOWN_INCOMPLETE, "reason": reason, "doing": ""}
    return view.model_copy(update=left)


async def read_order(client: Client, name: str) -> EnvironmentOrder:
    """What was asked for.

    Raises:
        EnvironmentNotFound: Temporal does not know it, or knows only the removal of leftovers.
        NobodyAnswers: no worker answers the question.
    """
    description = await found(client, name)
    if description.workflow_type == RECLAIM:
        raise EnvironmentNotFound(f"{name} has no order: what is left of it is being removed")
    try:
        return await handle_of(client, name).query(
            EnvironmentWorkflow.order, rpc_timeout=ANSWER_WITHIN
        )
    except (RPCError, WorkflowQueryFailedError) as error:
        raise unanswered(error) from error


async def tell(
    client: Client,
    name: str,
    update: Update[SaidT],
    said: SaidT,
) -> EnvironmentView:
    """Tell the environment something, and what it makes of it.

    Raises:
        CommandFailed: it refuses, with the reason (DENIED), or it is gone (USAGE).
        NobodyAnswers: no worker took the word in time.
    """
    try:
        async with asyncio.timeout(TELL_WITHIN.total_seconds()):
            return await handle_of(client, name).execute_update(update, said)
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        why = cause.message if isinstance(cause, ApplicationError) else str(cause)
        raise CommandFailed(f"refused: {why}", ExitCode.DENIED) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise NobodyAnswers(
            f"no worker took the word within {TELL_WITHIN.total_seconds():.0f} s: look with "
            f"`lockgate env show {name}` whether it counted, and say it again if not"
        ) from error
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        view = await read(client, name)  # tells where Temporal knows none at all
        why = view.reason or "it takes no word any more"
        raise CommandFailed(f"{name} is {view.phase}: {why}", ExitCode.USAGE) from error


async def of_each(names: Iterable[NameT], ask: Callable[[NameT], Awaitable[T]]) -> list[T]:
    """The answers for *names* in their order, some at a time."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(name: NameT) -> T:
        async with turns:
            return await ask(name)

    return list(await asyncio.gather(*(one(name) for name in names)))
