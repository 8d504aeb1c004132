import asyncio
import threading
import time
import uuid
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import ActivityExecutionStatus

from infra.settings import WorkerSettings
from workers.fleet import Fleet, PoolStopped
from workers.pools import Pool


class Work:
    """Two activities that wait: one for its release, one whatever is asked of it."""

    def __init__(self):
        self.begun = threading.Event()
        self.released = threading.Event()

    @activity.defn(name="wait_for_release")
    def patient(self) -> str:
        self.begun.set()
        self.released.wait(30)
        return "finished"

    @activity.defn(name="wait_deaf", no_thread_cancel_exception=True)
    def deaf(self) -> str:
        self.begun.set()
        self.released.wait(30)
        return "too late"


@pytest.fixture
def work():
    waiting = Work()
    yield waiting
    waiting.released.set()


def fleet_of(client, method, *, grace):
    pool = Pool(queue=f"fleet-{uuid.uuid4().hex[:8]}", caption="one activity")
    settings = WorkerSettings(graceful_shutdown_seconds=grace)
    return pool.queue, Fleet(client, {pool: [method]}, settings=settings, build="b1")


async def begin(client, queue, name):
    return await client.start_activity(
        name,
        id=uuid.uuid4().hex,
        task_queue=queue,
        result_type=str,
        start_to_close_timeout=timedelta(seconds=60),
    )


async def running(fleet):
    stop = asyncio.Event()
    task = asyncio.create_task(fleet.run(stop))
    async with asyncio.timeout(10):
        while not all(fleet.polling().values()):  # noqa: ASYNC110 - a probe polls too
            await asyncio.sleep(0.01)
    return stop, task


async def test_an_activity_under_way_finishes_before_the_worker_leaves(client, work):
    queue, fleet = fleet_of(client, work.patient, grace=20)
    stop, task = await running(fleet)
    handle = await begin(client, queue, "wait_for_release")
    await asyncio.to_thread(work.begun.wait, 10)

    stop.set()
    work.released.set()
    await asyncio.wait_for(task, 15)

    assert await handle.result() == "finished"
    assert fleet.polling() == {queue: False}


async def test_an_activity_that_hears_nothing_does_not_keep_the_process(client, work):
    queue, fleet = fleet_of(client, work.deaf, grace=0.2)
    stop, task = await running(fleet)
    handle = await begin(client, queue, "wait_deaf")
    await asyncio.to_thread(work.begun.wait, 10)
    begun = time.monotonic()

    stop.set()
    await asyncio.wait_for(task, 15)

    assert time.monotonic() - begun < 6
    assert (await handle.describe()).status is ActivityExecutionStatus.RUNNING


async def test_a_pool_that_stops_by_itself_is_told(client, work, monkeypatch):
    _, fleet = fleet_of(client, work.patient, grace=0.2)
    (worker,) = fleet._workers.values()

    async def fails():
        raise RuntimeError("poll failed")

    monkeypatch.setattr(worker, "run", fails)

    with pytest.raises(PoolStopped, match="poll failed"):
        await asyncio.wait_for(fleet.run(asyncio.Event()), 10)
