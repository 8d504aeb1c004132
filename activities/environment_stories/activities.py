"""EnvironmentStoriesPort, asked of Temporal: its visibility store, and the stories themselves."""

import asyncio
import base64
import binascii
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError, RPCStatusCode

from workflows.domain.environments.commands import Ended
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.names import Attribute, environment_id, environment_of
from workflows.ports.environment_stories import (
    EndEnvironment,
    EnvironmentStoriesPort,
    FindEnvironments,
    FoundEnvironments,
    LivingEnvironments,
    ReadEnvironments,
)

log = structlog.get_logger(__name__)

AnswerT = TypeVar("AnswerT")

# Names on the wire: this half may not import the stories that answer to them.
_STORY = "EnvironmentWorkflow"
_STATUS = "status"
_END = "end"

# A query replays the story on a worker of its own version, which may be gone.
_QUERY_PATIENCE = timedelta(seconds=10)
_PATIENCE = timedelta(seconds=90)
_SIGNAL_PATIENCE = timedelta(seconds=20)
_AT_ONCE = 32

# An activity's result is at most 2 MB.
_MOST_BYTES = 1_000_000

_BRIEF: dict[str, Any] = {
    "removal": None,
    "drift": None,
    "outputs": {},
    "warned": (),
    "extensions": (),
    "unpriced": (),
}


class EnvironmentStoriesActivities(EnvironmentStoriesPort):
    """Looks through *client*, which belongs to *loop*: activities run in threads beside it."""

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def end_environment(self, ask: EndEnvironment) -> None:
        self._waited_for(self._end(ask), f"{ask.environment} was not told", _SIGNAL_PATIENCE)
        log.info("environment_told_to_end", environment=ask.environment, by=ask.by)

    def read_environments(self, ask: ReadEnvironments) -> LivingEnvironments:
        told = self._waited_for(self._read(ask), "environments were not asked", _PATIENCE)
        return LivingEnvironments(environments=dict(_bounded(told, brief=ask.brief)))

    def find_environments(self, ask: FindEnvironments) -> FoundEnvironments:
        return self._waited_for(self._find(ask), "environments were not listed", _PATIENCE)

    def _waited_for(
        self, work: Coroutine[Any, Any, AnswerT], otherwise: str, patience: timedelta
    ) -> AnswerT:
        asked = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return asked.result(timeout=patience.total_seconds())
        except TimeoutError as error:
            asked.cancel()
            raise Unavailable(f"{otherwise}: Temporal did not answer in {patience}") from error
        except RPCError as error:
            raise Unavailable(f"{otherwise}: Temporal does not answer: {error.message}") from error

    async def _end(self, ask: EndEnvironment) -> None:
        said = Ended(by=ask.by, reason=ask.reason, release=ask.release, if_expired=ask.if_expired)
        handle = self._client.get_workflow_handle(environment_id(ask.environment))
        try:
            await handle.signal(_END, said)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _read(self, ask: ReadEnvironments) -> list[tuple[str, EnvironmentView | None]]:
        """Each name that lives; asked together, since one that cannot answer takes its time."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def asked(name: str) -> list[tuple[str, EnvironmentView | None]]:
            async with turns:
                return await self._told_by(name)

        names = dict.fromkeys(ask.names)
        return [told for found in await asyncio.gather(*map(asked, names)) for told in found]

    async def _told_by(self, name: str) -> list[tuple[str, EnvironmentView | None]]:
        """What the story of *name* says of itself; nothing where there is none that lives.

        The server itself refuses to ask one that has ended. Whatever else keeps it from answering
        says nothing about whether it lives, so it counts as one that does.
        """
        handle = self._client.get_workflow_handle(environment_id(name))
        try:
            view = await handle.query(
                _STATUS,
                result_type=EnvironmentView,
                reject_condition=QueryRejectCondition.NOT_OPEN,
                rpc_timeout=_QUERY_PATIENCE,
            )
        except WorkflowQueryRejectedError:
            return []
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return []
            if error.status is RPCStatusCode.UNAVAILABLE:
                raise  # Temporal itself is away, not this environment's worker
            return [_unasked(name, error.message)]
        except WorkflowQueryFailedError as error:
            return [_unasked(name, str(error))]
        return [(name, view)]

    async def _find(self, ask: FindEnvironments) -> FoundEnvironments:
        over = ask.expired_before
        within = "" if over is None else f" AND {Attribute.EXPIRY} < '{over.isoformat()}'"
        listed = self._client.list_workflows(
            f"WorkflowType = '{_STORY}' AND ExecutionStatus = 'Running'{within}",
            page_size=ask.limit,
            next_page_token=_token(ask.page),
        )
        await listed.fetch_next_page()
        names = (environment_of(one.id) for one in listed.current_page or ())
        token = listed.next_page_token
        return FoundEnvironments(
            names=tuple(sorted(name for name in names if name)),
            more=token is not None,
            page="" if token is None else base64.b64encode(token).decode(),
        )


def _unasked(name: str, problem: str) -> tuple[str, None]:
    log.warning("environment_not_asked", environment=name, problem=problem)
    return name, None


def _bounded(
    told: Iterable[tuple[str, EnvironmentView | None]], *, brief: bool
) -> Iterable[tuple[str, EnvironmentView | None]]:
    """As much as an answer may hold; once it is full, what follows is brief."""
    size = 0
    for name, view in told:
        if view is not None:
            size += 0 if brief else len(view.model_dump_json())
            yield name, view.model_copy(update=_BRIEF) if brief or size > _MOST_BYTES else view
        else:
            yield name, None


def _token(page: str) -> bytes | None:
    try:
        return base64.b64decode(page, validate=True) or None
    except binascii.Error as error:
        raise Refused(f"{page!r} is no page that was answered before") from error
