"""Telling a release something: votes that are answered, commands, a rollback after its end."""

import asyncio
from datetime import timedelta
from enum import StrEnum

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers
from starters.releases import described, handle_of, name_of, read
from workflows.domain.gates.vote import Vote
from workflows.domain.gates.waiver import Waiver, WaiverView
from workflows.domain.names import Attribute, Queue, rollback_id
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.release.promotion import RollbackOrder
from workflows.domain.release.status import GateView, ReleaseStatus
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow

VOTE_WITHIN = timedelta(seconds=40)


class Word(StrEnum):
    """What can be told to a release that is under way."""

    HOLD = "hold"
    RESUME = "resume"
    PROMOTE = "promote"
    ABORT = "abort"
    ROLLBACK = "rollback"
    RETRY = "retry"
    CONFIRM_REPAIRED = "confirm-repaired"


_SIGNALS = {
    Word.HOLD: ReleaseWorkflow.hold,
    Word.RESUME: ReleaseWorkflow.resume,
    Word.PROMOTE: ReleaseWorkflow.promote,
    Word.ABORT: ReleaseWorkflow.abort,
    Word.ROLLBACK: ReleaseWorkflow.rollback,
    Word.RETRY: ReleaseWorkflow.retry,
    Word.CONFIRM_REPAIRED: ReleaseWorkflow.confirm_repaired,
}
_AFTER_THE_END = {
    Word.RETRY: RollbackWorkflow.retry,
    Word.CONFIRM_REPAIRED: RollbackWorkflow.confirm_repaired,
}


async def vote(client: Client, release: str, ballot: Vote) -> GateView:
    """Cast *ballot* at the open gate of *release*, and say what the gate makes of it.

    Raises:
        CommandFailed: the vote does not count, with the reason of the gate (DENIED), or the
            release has ended.
        NobodyAnswers: no worker took the vote in time.
    """
    try:
        async with asyncio.timeout(VOTE_WITHIN.total_seconds()):
            return await handle_of(client, release).execute_update(ReleaseWorkflow.vote, ballot)
    except WorkflowUpdateFailedError as error:
        raise CommandFailed(f"the vote does not count: {_why(error)}", ExitCode.DENIED) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise NobodyAnswers(
            f"no worker took the vote within {VOTE_WITHIN.total_seconds():.0f} s: look with "
            f"`lockgate status {name_of(release)}` whether it was counted, and vote again if not"
        ) from error
    except RPCError as error:
        raise await _ended(client, release, "vote on", error) from error


async def waive(client: Client, release: str, waiver: Waiver) -> WaiverView:
    """Give *waiver* to *release*, and say what it makes of the gate.

    Raises:
        CommandFailed: it does not count, with the reason (DENIED), or the release has ended.
        NobodyAnswers: no worker took it in time.
    """
    try:
        async with asyncio.timeout(VOTE_WITHIN.total_seconds()):
            return await handle_of(client, release).execute_update(ReleaseWorkflow.waive, waiver)
    except WorkflowUpdateFailedError as error:
        raise CommandFailed(
            f"the waiver does not count: {_why(error)}", ExitCode.DENIED
        ) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise NobodyAnswers(
            f"no worker took the waiver within {VOTE_WITHIN.total_seconds():.0f} s: look with "
            f"`lockgate status {name_of(release)}` whether it was counted, and try again if not"
        ) from error
    except RPCError as error:
        raise await _ended(client, release, "waive", error) from error


async def command(client: Client, release: str, word: Word, said: Command) -> None:
    """Tell *release* the *word*; it is recorded with the name and the reason of *said*.

    Raises:
        CommandFailed: the release has ended, and nothing is left to tell.
    """
    try:
        await handle_of(client, release).signal(_SIGNALS[word], said)
    except RPCError as error:
        if word in _AFTER_THE_END and await _told_rollback(client, release, word, said):
            return
        raise await _ended(client, release, word, error) from error


async def roll_back(
    client: Client, release: str, said: Command, *, queue: str = Queue.STORIES
) -> str:
    """Turn *release* back, whether it is under way or ended as healthy; says what was done.

    Raises:
        CommandFailed: it ended otherwise, so there is nothing to put back, or it is put back
            already.
        NobodyAnswers: no worker says what would have to be undone.
    """
    found = await described(client, release)
    if found is None or found.status is WorkflowExecutionStatus.RUNNING:
        await command(client, release, Word.ROLLBACK, said)
        return "told to turn back"
    status = await read(client, release)
    if status.phase is not Phase.HEALTHY:
        raise CommandFailed(
            f"{release} is {status.phase}: {status.reason or 'nothing is left to roll back'}",
            ExitCode.USAGE,
        )
    if (later := await _replaced_by(client, status, found)) is not None:
        raise CommandFailed(
            f"{later} was released over {release}: roll that back first", ExitCode.USAGE
        )
    undos = await handle_of(client, release).query(ReleaseWorkflow.undos)
    if not undos:
        raise CommandFailed(f"{release} changed nothing that could be put back", ExitCode.USAGE)
    reason = f"rolled back {said}"
    try:
        await client.start_workflow(
            RollbackWorkflow.run,
            RollbackOrder(release=release, undos=undos, reason=reason),
            id=rollback_id(release),
            task_queue=queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"roll back {status.name}: {reason}"[:200],
        )
    except WorkflowAlreadyStartedError as error:
        raise CommandFailed(f"{release} is being rolled back already", ExitCode.USAGE) from error
    return f"it was healthy; {len(undos)} things are put back by {rollback_id(release)}"


async def _replaced_by(
    client: Client, status: ReleaseStatus, ended: WorkflowExecutionDescription
) -> str | None:
    """A release that went healthy later over one of the same targets, and is not rolled back."""
    if ended.close_time is None:
        return None
    services = sorted({view.target.service for view in status.targets})
    environments = sorted({view.target.environment for view in status.targets})
    query = (
        f"WorkflowType = '{ReleaseWorkflow.__name__}' AND {Attribute.OUTCOME} = '{Phase.HEALTHY}' "
        f"AND CloseTime > '{ended.close_time.isoformat()}' "
        f"AND {Attribute.SERVICE} IN ({_quoted(services)}) "
        f"AND {Attribute.ENVIRONMENT} IN ({_quoted(environments)})"
    )
    async for later in client.list_workflows(query, limit=20):
        if (await read(client, later.id)).phase is Phase.HEALTHY:
            return later.id
    return None


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


async def _told_rollback(client: Client, release: str, word: Word, said: Command) -> bool:
    """Tell the rollback that outlives its release; False where none is under way."""
    handle = client.get_workflow_handle_for(RollbackWorkflow.run, rollback_id(release))
    try:
        await handle.signal(_AFTER_THE_END[word], said)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def _ended(client: Client, release: str, word: str, error: RPCError) -> Exception:
    """The failure to raise for a message that found no release under way."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        return error
    status = await read(client, release)
    return CommandFailed(
        f"there is nothing to {word}: {release} ended as {status.phase}"
        + (f" ({status.reason})" if status.reason else ""),
        ExitCode.USAGE,
    )


def _why(error: WorkflowUpdateFailedError) -> str:
    cause = error.cause
    return cause.message if isinstance(cause, ApplicationError) else str(cause)
