"""The Worker objects of the chosen pools, on one client: started together, drained together."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

from infra.settings import WorkerSettings
from workers.interceptors import AroundActivities
from workers.pools import Pool
from workers.sandbox import runner
from workers.versioning import deployment_config
from workflows.domain.errors import ReleaseError

log = structlog.get_logger(__name__)

Activities = Mapping[Pool, Sequence[Callable[..., Any]]]

# More at once, and a cold worker that replays many runs trips the SDK's two-second deadlock
# detector with innocent code.
_WORKFLOW_TASKS = 16
# A long activity hears that it is cancelled with the answer to a heartbeat.
_HEARTBEATS = timedelta(seconds=1)

# After the graceful time activities are cancelled; this long they have to say so.
_LAST_WORDS = 2.0


class PoolStopped(Exception):
    """A pool stopped polling by itself; the process should be replaced."""


class Fleet:
    """Runs the pools until told to stop, then lets running activities finish.

    An activity that ignores its cancellation does not keep the process: the same activity is
    retried elsewhere, and every port method is safe to run again.
    """

    def __init__(
        self, client: Client, activities: Activities, *, settings: WorkerSettings, build: str
    ) -> None:
        self._grace = settings.graceful_shutdown_seconds
        self._executors = [
            ThreadPoolExecutor(pool.at_once, thread_name_prefix=pool.queue) for pool in activities
        ]
        self._workers = {
            pool.queue: _worker(
                client, pool, served, executor=executor, settings=settings, build=build
            )
            for (pool, served), executor in zip(activities.items(), self._executors, strict=True)
        }

    def polling(self) -> dict[str, bool]:
        return {str(queue): worker.is_running for queue, worker in self._workers.items()}

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until *stop* is set and everything is drained.

        Raises:
            PoolStopped: a pool ended by itself; the others were drained before.
        """
        running = [asyncio.create_task(worker.run()) for worker in self._workers.values()]
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([*running, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        fatal = next((task.exception() for task in running if task.done()), None)
        log.info("worker_draining", grace_seconds=self._grace)
        await self._drain(running)
        if fatal is not None or not stop.is_set():
            raise PoolStopped(f"a pool stopped polling: {fatal}") from fatal

    async def _drain(self, running: Sequence[asyncio.Task[None]]) -> None:
        closing = [
            asyncio.create_task(worker.shutdown())
            for worker in self._workers.values()
            if worker.is_running
        ]
        _, late = await asyncio.wait([*running, *closing], timeout=self._grace + _LAST_WORDS)
        if late:
            log.warning("worker_left_activities_behind", pools=len(late))
        for executor in self._executors:
            executor.shutdown(wait=False, cancel_futures=True)


def _worker(
    client: Client,
    pool: Pool,
    activities: Sequence[Callable[..., Any]],
    *,
    executor: ThreadPoolExecutor,
    settings: WorkerSettings,
    build: str,
) -> Worker:
    return Worker(
        client,
        task_queue=pool.queue,
        workflows=pool.stories,
        activities=activities,
        activity_executor=executor,
        workflow_runner=runner(versioned=bool(pool.stories)),
        interceptors=[AroundActivities()],
        workflow_failure_exception_types=[ReleaseError],
        max_concurrent_workflow_tasks=_WORKFLOW_TASKS,
        max_concurrent_activities=pool.at_once,
        max_heartbeat_throttle_interval=_HEARTBEATS,
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_shutdown_seconds),
        deployment_config=deployment_config(
            settings.deployment, build, versioned=bool(pool.stories)
        ),
    )
