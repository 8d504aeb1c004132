"""A release of the demo's shape against a bare Temporal workflow of the same shape, in one run.

Rounds are interleaved and read as ratios, because the machine's speed drifts. Both sides run on
one tuned dev server in memory, each with a worker process of its own; the driver is the third.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from bench.bare import BareWorkflow, Payload, Shape
from bench.orders import demo_order, parked_order
from infra.exits import run_and_leave
from infra.temporal import DATA_CONVERTER
from workers.attributes import register_attributes
from workflows.domain.gates.vote import Vote
from workflows.domain.release.phase import Phase
from workflows.release import ReleaseWorkflow

OUT = Path("bench/out/floor.json")
TUNED = (
    'history.timerProcessorMaxTimeShift="1ms"',
    "history.timerProcessorMaxPollRPS=2000",
    "history.transferProcessorMaxPollRPS=2000",
    'history.workflowIdReuseMinimalInterval="0s"',
)
CLOSED = {Phase.HEALTHY, Phase.DENIED, Phase.ROLLED_BACK, Phase.ROLLBACK_INCOMPLETE}


@dataclass
class Side:
    """One of the two things compared: its worker process and what was measured of it."""

    name: str
    process: subprocess.Popen[str]
    walls: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    gates: list[float] = field(default_factory=list)
    events: int = 0
    size: int = 0
    rss_kib: float = 0.0

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def rss(self) -> float:
        return psutil.Process(self.process.pid).memory_info().rss / 1024


def start_worker(name: str, address: str, notes: Path) -> Side:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.worker", name, address, str(notes)],
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdout is None or process.stdout.readline().strip() != "ready":
        raise SystemExit(f"the {name} worker did not start")
    return Side(name=name, process=process)


async def release_once(client: Client, number: int, gates: dict[str, float]) -> WorkflowHandle:
    """Start a release of the demo's shape, approve it, and see it end."""
    handle = await client.start_workflow(
        ReleaseWorkflow.run,
        demo_order(),
        id=f"release/bench/{number}",
        task_queue="bench-lockgate",
    )
    status = await _until(handle, Phase.AWAITING_APPROVAL)
    gates[handle.id] = time.time()
    vote = Vote(voter="ana", digest=status.decision_digest)
    await handle.signal(ReleaseWorkflow.approve, vote)
    outcome = await handle.result()
    if outcome.phase != Phase.HEALTHY:
        raise SystemExit(f"the release of the comparison ended as {outcome}")
    return handle


async def _until(handle: WorkflowHandle, phase: Phase) -> Any:
    while True:
        status = await handle.query(ReleaseWorkflow.status)
        if status.phase == phase:
            return status
        if status.phase in CLOSED:
            raise SystemExit(
                f"the release of the comparison ended as {status.phase}: {status.reason}"
            )
        await asyncio.sleep(0.01)


async def bare_once(client: Client, number: int, shape: Shape, gates: list[float]) -> Any:
    handle = await client.start_workflow(
        BareWorkflow.run, shape, id=f"bare/{number}", task_queue="bench-bare"
    )
    while not await _reached_gate(handle):
        await asyncio.sleep(0.01)
    sent = time.time()
    await handle.signal(BareWorkflow.approve, Payload())
    result = await handle.result()
    gates.append(float(result.text) - sent)
    return handle


async def _reached_gate(handle: WorkflowHandle) -> bool:
    return await handle.query(BareWorkflow.waiting)


async def events_of(client: Client, workflow_id: str) -> list[Any]:
    return [
        event async for event in client.get_workflow_handle(workflow_id).fetch_history_events()
    ]


def shape_of(parent: list[Any], children: list[list[Any]]) -> Shape:
    """The bare workflow that does what these histories did."""
    return Shape(
        activities=activities_in(parent),
        before_gate=activities_in(until_approved(parent)),
        gate=True,
        children=tuple(_child_shape(child) for child in children),
    )


def _child_shape(history: list[Any]) -> Shape:
    counts = Counter(event.event_type for event in history)
    signals = counts[EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED]
    beside = counts[EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED]
    return Shape(
        activities=activities_in(history) - beside,
        beside=beside,
        telling=counts[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED],
        timers=counts[EventType.EVENT_TYPE_TIMER_STARTED],
        signals_to_parent=signals,
    )


def activities_in(history: list[Any]) -> int:
    scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    return sum(event.event_type == scheduled for event in history)


def until_approved(parent: list[Any]) -> list[Any]:
    """What happened before somebody approved; all of it, if nobody did."""
    signaled = (event.workflow_execution_signaled_event_attributes for event in parent)
    names = [attributes.signal_name for attributes in signaled]
    return parent[: names.index("approve")] if "approve" in names else parent


def children_in(parent: list[Any]) -> list[str]:
    return [
        event.start_child_workflow_execution_initiated_event_attributes.workflow_id
        for event in parent
        if event.event_type == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
    ]


async def weigh(client: Client, workflow_id: str) -> tuple[int, int, Shape]:
    """Events and bytes of a workflow with all its children, and its shape."""
    parent = await events_of(client, workflow_id)
    children = [await events_of(client, child) for child in children_in(parent)]
    everything = [event for history in (parent, *children) for event in history]
    return (
        len(everything),
        sum(event.ByteSize() for event in everything),
        shape_of(parent, children),
    )


async def measured(side: Side, work: Callable[[], Awaitable[Any]]) -> Any:
    cpu, began = side.cpu_seconds(), time.perf_counter()
    answer = await work()
    side.walls.append(time.perf_counter() - began)
    side.cpu.append(side.cpu_seconds() - cpu)
    return answer


def noted_gates(notes: Path, sent: dict[str, float]) -> list[float]:
    lines = notes.read_text(encoding="utf-8").splitlines()
    began = {release: float(at) for release, at in (line.rsplit(" ", 1) for line in lines)}
    return [began[release] - at for release, at in sent.items() if release in began]


async def park(client: Client, side: Side, number: int, shape: Shape) -> float:
    """RSS in KiB that each of *number* workflows adds while it waits at its gate.

    Bare ones have *shape*: that of a release which has come so far.
    """
    before = side.rss()
    limit = asyncio.Semaphore(20)
    handles: list[WorkflowHandle] = []

    async def one(index: int) -> None:
        async with limit:
            if side.name == "bare":
                handle = await client.start_workflow(
                    BareWorkflow.run,
                    shape,
                    id=f"parked-bare/{index}",
                    task_queue="bench-bare",
                )
                while not await _reached_gate(handle):
                    await asyncio.sleep(0.02)
            else:
                handle = await client.start_workflow(
                    ReleaseWorkflow.run,
                    parked_order(),
                    id=f"release/parked/{index}",
                    task_queue="bench-lockgate",
                )
                await _until(handle, Phase.AWAITING_APPROVAL)
            handles.append(handle)

    await asyncio.gather(*(one(index) for index in range(number)))
    grown = side.rss() - before
    await asyncio.gather(*(handle.terminate("measured") for handle in handles))
    return grown / number


def quantile(values: list[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def report(ours: Side, bare: Side, rounds: int, parked: int) -> dict[str, Any]:
    """Ratios of medians, with the raw figures beside them."""

    def raw(side: Side) -> dict[str, Any]:
        return {
            "wall_seconds": statistics.median(side.walls),
            "worker_cpu_seconds": statistics.median(side.cpu),
            "history_events": side.events,
            "history_bytes": side.size,
            "gate_ms_p50": 1000 * quantile(side.gates, 0.5),
            "gate_ms_p99": 1000 * quantile(side.gates, 0.99),
            "rss_kib_per_open": side.rss_kib,
        }

    a, b = raw(ours), raw(bare)
    return {
        "cpu_ratio": a["worker_cpu_seconds"] / b["worker_cpu_seconds"],
        "wall_ratio": a["wall_seconds"] / b["wall_seconds"],
        "history_events_ratio": a["history_events"] / b["history_events"],
        "history_bytes_ratio": a["history_bytes"] / b["history_bytes"],
        "gate_latency_ratio_p50": a["gate_ms_p50"] / b["gate_ms_p50"],
        "gate_latency_ratio_p99": a["gate_ms_p99"] / b["gate_ms_p99"],
        "rss_kib_per_open_release": a["rss_kib_per_open"],
        "rounds": rounds,
        "parked": parked,
        "lockgate": a,
        "bare": b,
    }


def table(figures: dict[str, Any]) -> str:
    rows = [
        ("wall, s", "wall_seconds", "wall_ratio", 1.5),
        ("worker CPU, s", "worker_cpu_seconds", "cpu_ratio", 1.5),
        ("history events", "history_events", "history_events_ratio", None),
        ("history bytes", "history_bytes", "history_bytes_ratio", 2.0),
        ("gate p50, ms", "gate_ms_p50", "gate_latency_ratio_p50", 1.5),
        ("gate p99, ms", "gate_ms_p99", "gate_latency_ratio_p99", 1.5),
        ("KiB per open workflow", "rss_kib_per_open", None, None),
    ]
    lines = ["| figure | Lockgate | bare Temporal | ratio | goal |", "|---|---|---|---|---|"]
    for label, key, ratio, goal in rows:
        ours, bare = figures["lockgate"][key], figures["bare"][key]
        share = figures[ratio] if ratio else ours / bare
        lines.append(
            f"| {label} | {ours:.4g} | {bare:.4g} | {share:.2f} | {f'<= {goal}' if goal else ''} |"
        )
    return "\n".join(lines)


async def compare(client: Client, notes: Path, rounds: int, parked: int) -> dict[str, Any]:
    address = client.service_client.config.target_host
    ours, bare = (start_worker(name, address, notes) for name in ("lockgate", "bare"))
    try:
        sent: dict[str, float] = {}
        warm = await release_once(client, 0, {})
        ours.events, ours.size, shape = await weigh(client, warm.id)
        floor = await bare_once(client, 0, shape, [])
        bare.events, bare.size, _ = await weigh(client, floor.id)
        for number in range(1, rounds + 1):
            await measured(ours, lambda n=number: release_once(client, n, sent))
            await measured(bare, lambda n=number: bare_once(client, n, shape, bare.gates))
            print(f"round {number}/{rounds}", file=sys.stderr, flush=True)
        ours.gates = noted_gates(notes, sent)
        waiting = Shape()
        for side in (ours, bare):
            print(f"parking {parked} of {side.name}", file=sys.stderr, flush=True)
            side.rss_kib = await park(client, side, parked, waiting)
            waiting = shape_of(await events_of(client, "release/parked/0"), [])
        return report(ours, bare, rounds, parked)
    finally:
        for side in (ours, bare):
            side.process.kill()
            side.process.wait()


async def run(rounds: int, parked: int) -> None:
    extra = [word for setting in TUNED for word in ("--dynamic-config-value", setting)]
    program = str(Path(sys.executable).with_name("temporal"))
    with tempfile.TemporaryDirectory() as folder:
        async with await WorkflowEnvironment.start_local(
            dev_server_existing_path=program,
            data_converter=DATA_CONVERTER,
            dev_server_extra_args=extra,
        ) as env:
            await register_attributes(env.client)
            figures = await compare(env.client, Path(folder) / "notes", rounds, parked)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(table(figures))
    print(f"\nraw figures in {OUT}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="measured pairs (default 20)")
    parser.add_argument("--parked", type=int, default=1000, help="open workflows (default 1000)")
    options = parser.parse_args()
    asyncio.run(run(options.rounds, options.parked))
    return 0


if __name__ == "__main__":
    run_and_leave(main)
