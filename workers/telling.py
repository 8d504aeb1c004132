"""Telling a story what an activity of its own sees, long before the activity ends."""

import asyncio

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError

from workflows.domain.canary.watch import Watched
from workflows.domain.names import WATCHED

log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 5.0


class Teller:
    """Signals the workflow of the activity that runs in this thread.

    *client* belongs to *loop*. What cannot be told is dropped: the next news says more, and the
    activity's own answer says all.
    """

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def __call__(self, seen: Watched) -> None:
        info = activity.info()
        if info.workflow_id is None:
            return
        handle = self._client.get_workflow_handle(info.workflow_id, run_id=info.workflow_run_id)
        telling = asyncio.run_coroutine_threadsafe(handle.signal(WATCHED, seen), self._loop)
        try:
            telling.result(timeout=_PATIENCE_SECONDS)
        except (TimeoutError, RPCError) as error:
            telling.cancel()
            log.warning("story_not_told", workflow=info.workflow_id, problem=str(error))
