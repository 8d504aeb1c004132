"""Telling the releases that a firing alert concerns, each once however often it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog
from temporalio.api.common.v1 import Payloads
from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecution, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from infra.temporal import TemporalUnreachable
from starters.releases import executions
from workflows.domain.names import Attribute
from workflows.domain.release.commands import Alert
from workflows.domain.release.status import ReleaseStatus
from workflows.domain.watching.alerting import LabelNames, concerned, occurrence
from workflows.release import ReleaseWorkflow

log = structlog.get_logger(__name__)

WITHIN = timedelta(seconds=8)
"""Alertmanager gives a webhook up after ten seconds, and then tells everything again."""

_ANSWER_WITHIN = timedelta(seconds=4)
_AT_ONCE = 8


class NotDelivered(Exception):
    """Temporal, or a release that may be concerned, did not answer: it must be told again."""


class Told(NamedTuple):
    """A release that was told of an alert."""

    release: str
    target: str
    alert: str


class AlertDelivery:
    """Finds the open releases that alerts concern, and signals each of them.

    *connect* is asked until it has once answered, so that a door may open before Temporal does.
    """

    def __init__(self, connect: Callable[[], Awaitable[Client]], names: LabelNames) -> None:
        self._connect = connect
        self._names = names
        self._client: Client | None = None

    async def __call__(self, alerts: Sequence[Alert]) -> tuple[Told, ...]:
        """Tell each release that one of *alerts* concerns; repeating it tells nothing twice.

        Raises:
            NotDelivered: not all could be told, or asked whether they are concerned; those that
                could be were.
        """
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                return await self._deliver(alerts)
        except TimeoutError:
            seconds = f"{WITHIN.total_seconds():.0f} s"
            raise NotDelivered(f"Temporal did not answer within {seconds}") from None
        except TemporalUnreachable as error:
            raise NotDelivered(str(error)) from error
        except RPCError as error:
            raise NotDelivered(f"Temporal refuses: {error.message}") from error

    async def _deliver(self, alerts: Sequence[Alert]) -> tuple[Told, ...]:
        by_place = self._by_place(alerts)
        if not by_place:
            return ()
        if self._client is None:
            self._client = await self._connect()
        told: list[Told] = []
        failed: list[str] = []
        for environment, placed in by_place.items():
            for release, status in await _open_releases(self._client, environment):
                if status is None:
                    failed.append(f"{release.id} does not answer")
                    continue
                try:
                    told += await self._tell(self._client, release, status, placed)
                except RPCError as error:
                    failed.append(f"{release.id} takes no signal: {error.message}")
        if failed:
            raise NotDelivered(f"{'; '.join(failed)}: `lockgate doctor`")
        return tuple(told)

    async def _tell(
        self,
        client: Client,
        release: WorkflowExecution,
        status: ReleaseStatus,
        alerts: Sequence[Alert],
    ) -> list[Told]:
        told = []
        for alert in alerts:
            view = concerned(alert, status, self._names)
            if view is None:
                log.info("alert_concerns_other", alert=alert.name, release=release.id)
            elif await _signal(client, release, alert):
                told.append(Told(release.id, str(view.target), alert.name))
        return told

    def _by_place(self, alerts: Sequence[Alert]) -> dict[str, list[Alert]]:
        """The alerts that name a target, by its environment."""
        by_place: dict[str, list[Alert]] = {}
        for alert in alerts:
            target = self._names.target_of(alert.labels)
            if target is None:
                log.info("alert_names_no_target", alert=alert.name, labels=alert.labels)
            else:
                by_place.setdefault(target.environment, []).append(alert)
        return by_place


async def _open_releases(
    client: Client, environment: str
) -> list[tuple[WorkflowExecution, ReleaseStatus | None]]:
    """Every open release that passes through *environment*, and where it stands by its own word.

    What is searched lags behind, so each candidate is asked; None is the answer of one for which
    no worker answers. The search is not narrowed by service: an attribute holds only as many
    names as fit into it.
    """
    condition = f"ExecutionStatus = 'Running' AND {Attribute.ENVIRONMENT} = '{environment}'"
    found = [execution async for execution in executions(client, condition)]
    turns = asyncio.Semaphore(_AT_ONCE)
    said = await asyncio.gather(*(_status(client, one, turns) for one in found))
    return list(zip(found, said, strict=True))


async def _status(
    client: Client, execution: WorkflowExecution, turns: asyncio.Semaphore
) -> ReleaseStatus | None:
    """Where a release stands by its own word; None where no worker answers for it."""
    handle = client.get_workflow_handle_for(
        ReleaseWorkflow.run, execution.id, run_id=execution.run_id
    )
    async with turns:
        try:
            return await handle.query(ReleaseWorkflow.status, rpc_timeout=_ANSWER_WITHIN)
        except (RPCError, WorkflowQueryFailedError) as error:
            log.warning("release_does_not_answer", release=execution.id, reason=str(error))
            return None


async def _signal(client: Client, release: WorkflowExecution, alert: Alert) -> bool:
    """Signal the run of *release* that was asked; False where it has ended meanwhile.

    The request's id is the alert's firing: the server takes a signal of one id once, so that what
    Alertmanager repeats is not told again, whichever process repeats it.
    """
    run = Execution(workflow_id=release.id, run_id=release.run_id)
    payloads = await client.data_converter.encode([alert])
    try:
        await client.workflow_service.signal_workflow_execution(
            SignalWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=run,
                signal_name=ReleaseWorkflow.alert.__name__,
                input=Payloads(payloads=payloads),
                identity=client.identity,
                request_id=f"alert-{occurrence(alert)}",
            ),
            retry=True,
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        log.info("release_ended_before_alert", alert=alert.name, release=release.id)
        return False
    log.info(
        "alert_delivered", alert=alert.name, fingerprint=alert.fingerprint, release=release.id
    )
    return True
