"""A bare Temporal workflow: so many activities, timers, signals and children, and nothing else."""

import asyncio
import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.exceptions import CancelledError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

_SOON = timedelta(seconds=30)
_LONG = timedelta(days=8)
_BEATS = timedelta(seconds=20)


class Payload(BaseModel):
    """About two hundred bytes, as the messages of most workflows are."""

    text: str = "x" * 160
    number: int = 0


class Shape(BaseModel):
    """How often each thing happens in one workflow; children are shapes of their own.

    `telling` activities signal their own workflow once; with a `gate`, `before_gate` of the
    activities are done when it is reached. `beside` more last from the start until the end, when
    they are cancelled.
    """

    activities: int = 0
    beside: int = 0
    telling: int = 0
    before_gate: int = 0
    timers: int = 0
    timer_ms: int = 5
    signals_to_parent: int = 0
    gate: bool = False
    children: tuple["Shape", ...] = ()


@activity.defn
def bare_activity(payload: Payload) -> Payload:
    return payload


@activity.defn
def bare_activity_after_gate(payload: Payload) -> Payload:
    return Payload(text=f"{time.time()}", number=payload.number)


@activity.defn
def bare_activity_beside(payload: Payload) -> Payload:
    """Lasts until nobody needs it any more."""
    while True:
        activity.wait_for_cancelled_sync(timedelta(seconds=1))
        if activity.is_cancelled():
            raise CancelledError(str(payload.number))
        activity.heartbeat()


class Telling:
    """An activity that tells its workflow something before it ends."""

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    @activity.defn
    def bare_activity_that_tells(self, payload: Payload) -> Payload:
        info = activity.info()
        handle = self._client.get_workflow_handle(info.workflow_id, run_id=info.workflow_run_id)
        telling = handle.signal("notice", payload)
        asyncio.run_coroutine_threadsafe(telling, self._loop).result()
        return payload


@workflow.defn
class BareWorkflow:
    """The floor: what the engine itself costs for this shape."""

    def __init__(self) -> None:
        self.open = False
        self.noticed = 0
        self.at_gate = False
        self.gate_seen: str = ""

    @workflow.run
    async def run(self, shape: Shape) -> Payload:
        companions = [self._begin_beside(number) for number in range(shape.beside)]
        before = shape.before_gate
        for number in range(before):
            await self._step(number)
        if shape.gate:
            self.at_gate = True
            await workflow.wait_condition(lambda: self.open)
            seen = await workflow.execute_activity(
                bare_activity_after_gate, Payload(), start_to_close_timeout=_SOON
            )
            self.gate_seen = seen.text
            before += 1
        for child in shape.children:
            await workflow.execute_child_workflow(
                BareWorkflow.run, child, id=f"{workflow.info().workflow_id}/{workflow.uuid4()}"
            )
        for number in range(shape.activities - before):
            await self._step(number, telling=number < shape.telling)
            if number < shape.timers:
                await workflow.sleep(timedelta(milliseconds=shape.timer_ms))
            if number < shape.signals_to_parent:
                await self._tell()
        for companion in companions:
            companion.cancel()
        return Payload(text=self.gate_seen)

    def _begin_beside(self, number: int) -> workflow.ActivityHandle[Payload]:
        return workflow.start_activity(
            bare_activity_beside,
            Payload(number=number),
            start_to_close_timeout=_LONG,
            heartbeat_timeout=_BEATS,
            cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
        )

    async def _step(self, number: int, *, telling: bool = False) -> None:
        payload = Payload(number=number)
        if telling:
            await workflow.execute_activity_method(
                Telling.bare_activity_that_tells, payload, start_to_close_timeout=_SOON
            )
        else:
            await workflow.execute_activity(bare_activity, payload, start_to_close_timeout=_SOON)

    async def _tell(self) -> None:
        parent = workflow.info().parent
        if parent is not None:
            handle = workflow.get_external_workflow_handle(parent.workflow_id)
            await handle.signal("notice", Payload())

    @workflow.signal
    def approve(self, payload: Payload) -> None:
        self.open = True

    @workflow.signal
    def notice(self, payload: Payload) -> None:
        self.noticed += 1

    @workflow.query
    def waiting(self) -> bool:
        return self.at_gate
