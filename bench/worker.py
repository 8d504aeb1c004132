"""One worker process of the comparison: `lockgate` or `bare`, measured from outside."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

from bench.bare import (
    BareWorkflow,
    Telling,
    bare_activity,
    bare_activity_after_gate,
    bare_activity_beside,
)
from bench.ports import no_op_ports
from infra.exits import run_and_leave
from infra.temporal import DATA_CONVERTER
from workers.interceptors import AroundActivities
from workers.sandbox import runner
from workers.telling import Teller
from workflows.domain.errors import ReleaseError
from workflows.ports.base import Port, activities_of
from workflows.promotion import PromotionWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow

CACHED = 2000
TASKS = 16
HEARTBEATS = timedelta(seconds=1)


async def work(kind: str, address: str, notes: Path) -> None:
    client = await Client.connect(address, data_converter=DATA_CONVERTER)
    queue = f"bench-{kind}"
    Port._queues = dict.fromkeys(Port._queues, queue)
    if kind == "bare":
        workflows = [BareWorkflow]
        tells = Telling(client, asyncio.get_running_loop()).bare_activity_that_tells
        activities = [bare_activity, bare_activity_after_gate, bare_activity_beside, tells]
    else:
        workflows = [ReleaseWorkflow, PromotionWorkflow, RollbackWorkflow]
        ports = no_op_ports(notes, Teller(client, asyncio.get_running_loop()))
        activities = [method for port in ports for method in activities_of(port)]
    with ThreadPoolExecutor(100) as pool:
        async with Worker(
            client,
            task_queue=queue,
            workflows=workflows,
            activities=activities,
            activity_executor=pool,
            workflow_runner=runner(),
            interceptors=[AroundActivities()],
            workflow_failure_exception_types=[ReleaseError],
            max_cached_workflows=CACHED,
            max_concurrent_workflow_tasks=TASKS,
            max_heartbeat_throttle_interval=HEARTBEATS,
        ):
            print("ready", flush=True)
            await asyncio.Event().wait()


def main() -> int:
    kind, address, notes = sys.argv[1:4]
    asyncio.run(work(kind, address, Path(notes)))
    return 0


if __name__ == "__main__":
    run_and_leave(main)
