"""ReleasesPort, asked of Temporal's visibility store and of the closed releases themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.service import RPCError, RPCStatusCode

from workflows.domain.calendar.windows import Granted
from workflows.domain.errors import TargetMissing, Unavailable
from workflows.domain.names import Attribute, rollback_id
from workflows.domain.readiness.readiness import ReadinessView
from workflows.domain.release.outcomes import EndedRelease
from workflows.domain.release.phase import Phase
from workflows.domain.release.undo import Undo
from workflows.ports.releases import (
    Abandoned,
    AbandonedReleases,
    FindAbandoned,
    FindUnderWay,
    OverridesRead,
    ReadOverrides,
    ReadReview,
    ReleasesPort,
    UnderWay,
)

log = structlog.get_logger(__name__)

AnswerT = TypeVar("AnswerT")

# Names on the wire: this half may not import the story that answers to them.
_STORY = "ReleaseWorkflow"
_QUERY = "undos"
_END = "end_from_outside"
_STATUS = "status"
_SET_ASIDE = "set_aside"

_ENDED = "('Terminated', 'Failed', 'TimedOut', 'Canceled')"
_AT_WORK = {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED}

# A query replays the release on a worker of its own version, which may be gone.
_QUERY_PATIENCE = timedelta(seconds=10)
_PATIENCE = timedelta(seconds=90)
_UNDER_WAY = timedelta(seconds=20)
_AT_ONCE = 64

_CHANGING = (Phase.PROGRESSING, Phase.HOLDING, Phase.VERIFYING, Phase.ROLLING_BACK)

# An activity's result is at most 2 MB; what is left out is found by the next sweep.
_MOST_BYTES = 1_000_000


class ReleasesActivities(ReleasesPort):
    """Looks through *client*, which belongs to *loop*: activities run in threads beside it."""

    def __init__(
        self,
        client: Client,
        loop: asyncio.AbstractEventLoop,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._loop = loop
        self._clock = clock

    def find_abandoned(self, ask: FindAbandoned) -> AbandonedReleases:
        asked = asyncio.run_coroutine_threadsafe(self._find(ask), self._loop)
        try:
            return asked.result(timeout=_PATIENCE.total_seconds())
        except TimeoutError as error:
            asked.cancel()
            raise Unavailable(
                f"Temporal did not list the ended releases in {_PATIENCE}"
            ) from error
        except RPCError as error:
            raise Unavailable(
                f"Temporal does not list the ended releases: {error.message}"
            ) from error

    def find_under_way(self, ask: FindUnderWay) -> UnderWay:
        asked = asyncio.run_coroutine_threadsafe(self._under_way(ask), self._loop)
        try:
            return UnderWay(releases=asked.result(timeout=_UNDER_WAY.total_seconds()))
        except TimeoutError as error:
            asked.cancel()
            raise Unavailable(f"Temporal did not list the releases in {_UNDER_WAY}") from error
        except RPCError as error:
            raise Unavailable(f"Temporal does not list the releases: {error.message}") from error

    def read_review(self, ask: ReadReview) -> ReadinessView:
        return self._told(ask.review, ask.run, _STATUS, ReadinessView)

    def read_overrides(self, ask: ReadOverrides) -> OverridesRead:
        granted = self._told(ask.release, ask.run, _SET_ASIDE, tuple[Granted, ...])
        return OverridesRead(granted=granted)

    def _told(self, story: str, run: str, question: str, kind: type[AnswerT]) -> AnswerT:
        """What this very run of a story answers to *question*."""

        async def ask() -> AnswerT:
            handle = self._client.get_workflow_handle(story, run_id=run)
            told: AnswerT = await handle.query(
                question, result_type=kind, rpc_timeout=_QUERY_PATIENCE
            )
            return told

        asked = asyncio.run_coroutine_threadsafe(ask(), self._loop)
        try:
            return asked.result(timeout=_UNDER_WAY.total_seconds())
        except TimeoutError as error:
            asked.cancel()
            raise Unavailable(f"{story} did not answer in {_UNDER_WAY}") from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise TargetMissing(f"there is no run {run} of {story}") from error
            raise Unavailable(f"{story} does not answer: {error.message}") from error
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
            raise Unavailable(f"{story} does not answer: {error}") from error

    async def _under_way(self, ask: FindUnderWay) -> tuple[str, ...]:
        environments = ", ".join(_quoted(name) for name in ask.environments)
        phases = ", ".join(_quoted(phase) for phase in _CHANGING)
        listed = self._client.list_workflows(
            f"WorkflowType = '{_STORY}' AND ExecutionStatus = 'Running' "
            f"AND {Attribute.ENVIRONMENT} IN ({environments}) AND {Attribute.PHASE} IN ({phases})"
        )
        found: list[str] = []
        async for one in listed:
            if one.id != ask.besides:
                found.append(one.id)
            if len(found) == ask.limit:
                break
        return tuple(sorted(found))

    async def _find(self, ask: FindAbandoned) -> AbandonedReleases:
        since = self._clock() - ask.within
        unsettled = [e async for e in self._ended_since(since) if not await self._is_settled(e)]
        found: list[Abandoned] = []
        size = 0
        for ended, undos in zip(unsettled, await self._all_undos(unsettled), strict=True):
            if not undos:
                continue
            abandoned = Abandoned(
                release=ended.id, run_id=ended.run_id, undos=undos, ended=await self._end(ended)
            )
            size += len(abandoned.model_dump_json())
            if len(found) == ask.limit or (found and size > _MOST_BYTES):
                break
            found.append(abandoned)
            log.info("abandoned_release_found", release=ended.id, undos=len(undos))
        return AbandonedReleases(releases=tuple(found))

    async def _all_undos(self, ended: list[WorkflowExecution]) -> list[tuple[Undo, ...]]:
        """What each had listed: asked together, since those that cannot answer take their time."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def asked(one: WorkflowExecution) -> tuple[Undo, ...]:
            async with turns:
                return await self._undos(one)

        return await asyncio.gather(*map(asked, ended))

    def _ended_since(self, moment: datetime) -> AsyncIterator[WorkflowExecution]:
        return self._client.list_workflows(
            f"WorkflowType = '{_STORY}' AND ExecutionStatus IN {_ENDED} "
            f"AND CloseTime > '{moment.isoformat()}'"
        )

    async def _is_settled(self, ended: WorkflowExecution) -> bool:
        """A later run of the release answers for it, or a rollback of this run was begun."""
        latest = await self._client.get_workflow_handle(ended.id).describe()
        if latest.run_id != ended.run_id:
            return True
        try:
            rollback = await self._client.get_workflow_handle(rollback_id(ended.id)).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return rollback.status in _AT_WORK and rollback.start_time >= ended.start_time

    async def _end(self, ended: WorkflowExecution) -> EndedRelease | None:
        """What is filed of it; None when it cannot say, which keeps nothing from being cleared."""
        handle = self._client.get_workflow_handle(ended.id, run_id=ended.run_id)
        try:
            told: tuple[EndedRelease, ...] = await handle.query(
                _END, result_type=tuple[EndedRelease, ...], rpc_timeout=_QUERY_PATIENCE
            )
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError, RPCError) as error:
            log.warning("abandoned_release_not_filed", release=ended.id, problem=str(error))
            return None
        return told[0] if told else None

    async def _undos(self, ended: WorkflowExecution) -> tuple[Undo, ...]:
        """What the release had listed when it ended; empty when it cannot be asked now.

        One release that nobody can replay must not keep the others from being cleared; the next
        sweep asks it again.
        """
        handle = self._client.get_workflow_handle(ended.id, run_id=ended.run_id)
        try:
            undos: tuple[Undo, ...] = await handle.query(
                _QUERY, result_type=tuple[Undo, ...], rpc_timeout=_QUERY_PATIENCE
            )
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError, RPCError) as error:
            if isinstance(error, RPCError) and error.status is RPCStatusCode.UNAVAILABLE:
                raise  # Temporal itself is away, not this release's worker
            log.warning("abandoned_release_not_readable", release=ended.id, problem=str(error))
            return ()
        return undos


def _quoted(text: str) -> str:
    """Text of Temporal's list filter, in which a quote would end it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
