"""Finding a release, reading where it stands, and starting one: over a connected client."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from starters.failures import NobodyAnswers, ReleaseNotFound
from starters.files.problems import nearest
from workflows.domain.names import Queue, promotion_id, rollback_id
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Outcome, Progress, ReleaseStatus, RollbackView
from workflows.promotion import PromotionWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow

STORY = "ReleaseWorkflow"
_MOVING = frozenset({Progress.SHIFTING, Progress.HOLDING})

ANSWER_WITHIN = timedelta(seconds=5)
"""How long a worker may take to answer a question before it counts as absent."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_LOOKS, _PAUSE = 4, 0.5

ReleaseHandle = WorkflowHandle[ReleaseWorkflow, Outcome]


def handle_of(client: Client, release: str) -> ReleaseHandle:
    return client.get_workflow_handle_for(ReleaseWorkflow.run, release)


async def find(client: Client, name: str) -> str:
    """The workflow id of the release *name*: itself an id, or a name whose latest run counts.

    Raises:
        ReleaseNotFound: Temporal knows none; the text names the nearest one it knows.
    """
    if name.startswith("release/"):
        description = await described(client, name)
        if description is not None and description.workflow_type == STORY:
            return name
    elif _NAME.fullmatch(name):
        # What is searched lags behind what was started, by a moment.
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(_PAUSE)
            if ids := [
                e async for e in executions(client, f"WorkflowId STARTS_WITH 'release/{name}/'")
            ]:
                return max(ids, key=lambda execution: execution.start_time).id
    known = {name_of(e.id) async for e in executions(client, limit=200)}
    raise ReleaseNotFound(
        f"no release {name!r} in namespace {client.namespace}: {nearest(name, known)}"
    )


async def the_only(client: Client) -> str:
    """The release that somebody who names none means: the open one, or else the latest.

    Raises:
        ReleaseNotFound: there is none, or several are open.
    """
    running = [e async for e in executions(client, "ExecutionStatus = 'Running'")]
    if len(running) > 1:
        raise ReleaseNotFound(
            f"{len(running)} releases are open, name one: "
            f"{', '.join(sorted(name_of(e.id) for e in running))}"
        )
    found = running or [e async for e in executions(client, limit=50)]
    if not found:
        raise ReleaseNotFound(
            f"no release in namespace {client.namespace} yet: `lockgate start FILE` begins one"
        )
    return max(found, key=lambda execution: execution.start_time).id


def executions(
    client: Client, condition: str = "", *, limit: int | None = None
) -> AsyncIterator[WorkflowExecution]:
    """The runs of releases that meet *condition*, of Temporal's search, newest first."""
    query = f"WorkflowType = '{STORY}'" + (f" AND {condition}" if condition else "")
    return client.list_workflows(query, limit=limit)


def name_of(release: str) -> str:
    """The name that people gave the release of this id."""
    return release.removeprefix("release/").partition("/")[0]


async def described(client: Client, workflow_id: str) -> WorkflowExecutionDescription | None:
    """The latest run of *workflow_id*, or None where there is none."""
    try:
        return await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def read(client: Client, release: str) -> ReleaseStatus:
    """Where *release* stands, together with what happened to it after its own end.

    A release that was ended from outside cannot say so itself, and a rollback may follow one
    that ended as healthy: both are read from Temporal and told in the same words.

    Raises:
        NobodyAnswers: no worker answers the question; the release is not harmed by that.
        ReleaseNotFound: Temporal does not know it.
    """
    description = await described(client, release)
    if description is None:
        raise ReleaseNotFound(f"no release {release!r} in namespace {client.namespace}")
    status = await _asked(client, release, build=_build_of(description))
    if description.status is WorkflowExecutionStatus.RUNNING:
        return await _with_latest_counts(client, status)
    own_end = description.status is WorkflowExecutionStatus.COMPLETED
    if own_end and status.phase is not Phase.HEALTHY:
        return status
    after = await _rollback_after(client, release, description)
    if after is not None:
        phase, view = after
        reason = "a rollback was started after its end"
        return status.model_copy(
            update={"phase": phase, "rollback": view, "blocked_by": (), "reason": reason}
        )
    return status if own_end else await _ended_from_outside(client, status, description)


async def _asked(client: Client, release: str, *, build: str) -> ReleaseStatus:
    try:
        return await handle_of(client, release).query(
            ReleaseWorkflow.status, rpc_timeout=ANSWER_WITHIN
        )
    except (RPCError, WorkflowQueryFailedError) as error:
        raise unanswered(error, build=build) from error


def _build_of(description: WorkflowExecutionDescription) -> str:
    """The build of the workers that the run is pinned to; empty where it is not."""
    info = description.raw_description.workflow_execution_info.versioning_info
    return info.deployment_version.build_id


async def _with_latest_counts(client: Client, status: ReleaseStatus) -> ReleaseStatus:
    """A release is told of steps and verdicts; its promotion knows the newest counts."""
    moving = [view for view in status.targets if view.progress in _MOVING]
    if not moving:
        return status
    child = promotion_id(status.release, moving[0].target)
    handle = client.get_workflow_handle_for(PromotionWorkflow.run, child)
    try:
        view = await handle.query(PromotionWorkflow.status, rpc_timeout=ANSWER_WITHIN)
    except (RPCError, WorkflowQueryFailedError):
        return status  # what the release was told stands; the promotion may have just ended
    return status.with_target(view)


def unanswered(error: RPCError | WorkflowQueryFailedError, *, build: str = "") -> NobodyAnswers:
    """Why a question to a release got no answer, and what to do.

    Only workers of *build* can answer for a release that is pinned to it.
    """
    if isinstance(error, RPCError) and error.status is RPCStatusCode.UNAVAILABLE:
        return NobodyAnswers(f"Temporal does not answer ({error.message}); the release waits")
    which = f"no worker of build {build}" if build else "no worker"
    return NobodyAnswers(
        f"{which} answers on the queue `{Queue.STORIES}` ({error.message}); the release waits "
        "and goes on when one is back: `lockgate doctor`"
    )


async def _rollback_after(
    client: Client, release: str, description: WorkflowExecutionDescription
) -> tuple[Phase, RollbackView] | None:
    """Phase and view of the rollback of this run of *release*, or None where none was begun."""
    found = await described(client, rollback_id(release))
    if found is None or found.start_time < description.start_time:
        return None
    handle = client.get_workflow_handle_for(RollbackWorkflow.run, rollback_id(release))
    if found.status is not WorkflowExecutionStatus.RUNNING:
        try:
            return Phase.ROLLED_BACK, await handle.result()
        except WorkflowFailureError:
            return Phase.ROLLBACK_INCOMPLETE, RollbackView(safe=False, until="it was ended")
    try:
        view = await handle.query(RollbackWorkflow.status, rpc_timeout=ANSWER_WITHIN)
    except (RPCError, WorkflowQueryFailedError) as error:
        raise unanswered(error) from error
    return Phase.ROLLBACK_INCOMPLETE if view.differences else Phase.ROLLING_BACK, view


async def _ended_from_outside(
    client: Client, status: ReleaseStatus, description: WorkflowExecutionDescription
) -> ReleaseStatus:
    how = str(description.status.name if description.status else "ended").lower()
    undos = await handle_of(client, status.release).query(
        ReleaseWorkflow.undos, rpc_timeout=ANSWER_WITHIN
    )
    if not undos:
        phase, reason = Phase.CANCELLED, f"{how} from outside, before it touched anything"
    else:
        phase = Phase.ROLLBACK_INCOMPLETE
        reason = (
            f"{how} from outside; {len(undos)} things are not put back yet: "
            "the sweep does it, `lockgate sweep --now` at once"
        )
    ended = {"ended_at": description.close_time, "blocked_by": ()}
    return status.model_copy(update={"phase": phase, "reason": reason, **ended})
