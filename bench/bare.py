"""A bare Temporal workflow: so many activities, timers, signals and children, and nothing else."""

import time
from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

_SOON = timedelta(seconds=30)


class Payload(BaseModel):
    """About two hundred bytes, as the messages of most workflows are."""

    text: str = "x" * 160
    number: int = 0


class Shape(BaseModel):
    """How often each thing happens in one workflow; children are shapes of their own."""

    activities: int = 0
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
        before = 8 if shape.gate else 0
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
            await self._step(number)
            if number < shape.timers:
                await workflow.sleep(timedelta(milliseconds=shape.timer_ms))
            if number < shape.signals_to_parent:
                await self._tell()
        return Payload(text=self.gate_seen)

    async def _step(self, number: int) -> None:
        await workflow.execute_activity(
            bare_activity, Payload(number=number), start_to_close_timeout=_SOON
        )

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
