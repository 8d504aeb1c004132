"""Holding silences as a story does: begun beside its steps, ended with them, and the report."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.fakes.alerts import FakeAlerts
from workers.interceptors import AroundActivities
from workflows.domain.silences import AlertsSpec, ExpectedAlert, masking
from workflows.domain.values import Provider, Target, digest_of
from workflows.ports.alerts import AlertsPort, HoldSilences, MaskedAlerts
from workflows.ports.base import Port, activities_of, limits_of, queue_of

PROVIDER = Provider(type="fake", connection="staging")
TARGET = Target(service="checkout", environment="staging")
SOON = timedelta(milliseconds=100)


@workflow.defn
class Shifting:
    """What a promotion does: silences beside its steps, and what they masked at its end."""

    def __init__(self) -> None:
        self.over = False

    @workflow.run
    async def run(self, ask: HoldSilences) -> MaskedAlerts:
        limits = limits_of(AlertsPort.hold_silences)
        holding = workflow.start_activity_method(
            AlertsPort.hold_silences,
            ask,
            task_queue=queue_of(AlertsPort.hold_silences),
            start_to_close_timeout=limits.attempt,
            schedule_to_close_timeout=limits.total,
            heartbeat_timeout=limits.heartbeat,
            retry_policy=limits.retry,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        await workflow.wait_condition(lambda: self.over)
        holding.cancel()
        return await holding

    @workflow.signal
    def end(self) -> None:
        self.over = True


@pytest.fixture
def alerts():
    return FakeAlerts()


@pytest.fixture
def manager(alerts):
    return alerts.manager(PROVIDER)


@pytest.fixture
def worker(client, queue, alerts):
    """A worker whose heartbeats are sent at once: a cancel comes with the answer to one."""

    @asynccontextmanager
    async def running(grace: float = 0) -> AsyncIterator[None]:
        with ThreadPoolExecutor(4) as pool:
            async with Worker(
                client,
                task_queue=queue,
                workflows=[Shifting],
                activities=list(activities_of(alerts)),
                activity_executor=pool,
                workflow_runner=UnsandboxedWorkflowRunner(),
                interceptors=[AroundActivities()],
                max_heartbeat_throttle_interval=SOON,
                graceful_shutdown_timeout=timedelta(seconds=grace),
            ):
                yield

    return running


@pytest.fixture
async def shifting(client, queue) -> AsyncIterator[WorkflowHandle[Shifting, MaskedAlerts]]:
    expected = ExpectedAlert.model_validate(
        {"alertname": "LatencyHigh", "expected": {"atMost": 0.5, "annotation": "value"}}
    )
    found = masking(
        [expected],
        AlertsSpec(type="fake", connection="staging"),
        target=TARGET,
        version=digest_of("v2"),
    )
    ask = HoldSilences(target=TARGET, masking=found, release="release/shop/1")
    handle = await client.start_workflow(Shifting.run, ask, id=uuid.uuid4().hex, task_queue=queue)
    yield handle
    if (await handle.describe()).close_time is None:
        await handle.terminate("the test is over")


async def until(holds):
    async with asyncio.timeout(20):
        while True:
            if holds():
                return
            await asyncio.sleep(0.02)


async def test_the_end_of_the_shift_ends_the_silence_and_the_story_gets_the_report(
    worker, alerts, shifting
):
    async with worker():
        await until(lambda: alerts.silences)

        await shifting.signal(Shifting.end)
        report = await asyncio.wait_for(shifting.result(), timeout=20)

    assert alerts.silences == []
    assert str(report) == "0 alerts masked, 0 of them raised again"


async def test_a_story_that_is_gone_silences_nothing_any_more(worker, alerts, shifting):
    async with worker():
        await until(lambda: alerts.silences)

        await shifting.terminate("to see what is left")

        await until(lambda: alerts.silences == [])


@pytest.mark.parametrize("grace", [0, 5])
async def test_another_worker_goes_on_with_the_silence_of_one_that_stops(
    worker, alerts, manager, shifting, grace
):
    async with worker(grace):
        await until(lambda: alerts.silences)
        (before,) = alerts.silences
    assert alerts.silences == [before]

    async with worker():
        await until(lambda: len(alerts.asks) == 2)
        await shifting.signal(Shifting.end)
        await asyncio.wait_for(shifting.result(), timeout=20)

    assert alerts.silences == []


async def test_a_manager_that_does_not_answer_at_first_is_asked_again(worker, alerts, shifting):
    alerts.unavailable = 1

    async with worker():
        await until(lambda: alerts.silences)

    assert len(alerts.asks) == 2


async def test_the_port_is_one_that_stories_can_call():
    assert queue_of(AlertsPort.hold_silences) == queue_of(AlertsPort.lift_silences) == "alerts"
    assert {"hold_silences", "lift_silences"} <= set(Port.methods)
