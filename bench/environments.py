"""Environments that expire in the same minute, torn down by one worker at a declared API rate.

A real stack with its emulator of AWS; between worker and emulator stands a proxy that counts the
calls, and for a spell answers each of them as AWS does when it is asked too often.
"""

import argparse
import asyncio
import json
import math
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from temporalio.client import Client

from examples.environments.by_hand import ByHand
from infra.exits import run_and_leave
from infra.local import stack
from infra.local.component import Site
from infra.local.home import Home
from infra.local.supervision import Supervisor
from infra.temporal import DATA_CONVERTER, connect_config
from tests.cloud_proxy import Call, CloudProxy, proxying
from tests.e2e.live_cloud import route_through
from workflows.domain.environments.order import (
    Blueprint,
    EnvironmentOrder,
    EnvironmentPlan,
    LeaseRule,
)
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.names import Queue, environment_id
from workflows.domain.values import Provider
from workflows.environment import EnvironmentWorkflow

OUT = Path("bench/out/environments.json")
PATIENCE = 900.0
UNHURRIED = 1000
"""Calls a second while they are made, which is not what is measured."""
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Uploads: {Type: "AWS::S3::Bucket"}
  Orders: {Type: "AWS::SQS::Queue"}
  Carts:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""


class Spell:
    """For some seconds from its first call on, every call to one service is throttled."""

    def __init__(self, service: str, *, after: int, seconds: float) -> None:
        self._service, self._after, self._seconds = service, after, seconds
        self._lock = threading.Lock()
        self._seen = 0
        self._begun: float | None = None

    def __call__(self, call: Call) -> bool:
        if call.service != self._service:
            return False
        with self._lock:
            self._seen += 1
            if self._seen < self._after:
                return False
            if self._begun is None:
                self._begun = call.at
            return call.at - self._begun < self._seconds


@dataclass
class Memory:
    """What one process holds, in MiB, looked at twice a second."""

    pid: int
    seen: list[float] = field(default_factory=list)

    def now(self) -> float:
        return psutil.Process(self.pid).memory_info().rss / 2**20

    @contextmanager
    def watched(self) -> Iterator[None]:
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.5):
                self.seen.append(self.now())

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()


def order(name: str, *, ends: datetime) -> EnvironmentOrder:
    left = ends - datetime.now(UTC)
    lease = LeaseRule(ttl=left, longest=left)
    plan = EnvironmentPlan(
        provider=Provider(type="cloudformation", connection="preview"),
        blueprint=Blueprint(template="bench", text=TEMPLATE),
        team="bench",
        lease=lease,
    )
    return EnvironmentOrder(name=name, plan=plan, owner="ana", purpose="a measurement")


async def begin(client: Client, names: list[str], *, ends: datetime) -> None:
    for name in names:
        await client.start_workflow(
            EnvironmentWorkflow.run,
            order(name, ends=ends),
            id=environment_id(name),
            task_queue=Queue.STORIES,
        )


async def phases(client: Client, names: list[str]) -> Counter[EnvironmentPhase]:
    told: list[EnvironmentView] = await asyncio.gather(
        *(
            client.get_workflow_handle_for(EnvironmentWorkflow.run, environment_id(name)).query(
                EnvironmentWorkflow.status
            )
            for name in names
        )
    )
    return Counter(view.phase for view in told)


async def all_ready(client: Client, names: list[str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while (counted := await phases(client, names))[EnvironmentPhase.READY] < len(names):
            print("  made:", dict(counted), flush=True)
            await asyncio.sleep(5)


async def all_removed(client: Client, names: list[str]) -> list[EnvironmentView]:
    handles = [
        client.get_workflow_handle_for(EnvironmentWorkflow.run, environment_id(name))
        for name in names
    ]
    async with asyncio.timeout(PATIENCE):
        return list(await asyncio.gather(*(handle.result() for handle in handles)))


def busiest(proxy: CloudProxy, seconds: float) -> dict[str, int]:
    services = {call.service for call in proxy.made()}
    return {service: proxy.busiest(service, seconds) for service in sorted(services)}


async def measure(site: Site, proxy: CloudProxy, asked: argparse.Namespace) -> dict[str, Any]:
    told = connect_config({"TEMPORAL_CONFIG_FILE": str(site.home.temporal_config)})
    client = await Client.connect(**told, data_converter=DATA_CONVERTER)
    hands = ByHand(site.home.root)
    names = [f"bench-{number:03}" for number in range(asked.count)]
    route_through(site, proxy, per_second=UNHURRIED)
    ends = datetime.now(UTC) + timedelta(seconds=asked.lead)
    await begin(client, names, ends=ends)
    await all_ready(client, names)
    for name in names:
        hands.put_object(name, "receipt.pdf")
    route_through(site, proxy, per_second=asked.rate)
    memory = Memory(Supervisor(site.home).processes()["worker"].pid)
    late = (datetime.now(UTC) - ends).total_seconds()
    if late > 0:
        raise SystemExit(f"made {late:.0f} s too late: give more than --lead {asked.lead}")
    before = memory.now()
    proxy.forget()
    proxy.throttle(Spell("cloudformation", after=asked.count, seconds=asked.spell))
    with memory.watched():
        views = await all_removed(client, names)
    wall = (datetime.now(UTC) - ends).total_seconds()
    peak, calls = max(memory.seen), proxy.made()
    figures = {
        "environments": asked.count,
        "declaredPerSecond": asked.rate,
        "removed": sum(view.phase is EnvironmentPhase.REMOVED for view in views),
        "attempts": sum(view.removal.attempts for view in views if view.removal),
        "left": sum(len(hands.count(name)) for name in names),
        "wallSeconds": round(wall, 1),
        "calls": len(calls),
        "callsByService": dict(Counter(call.service for call in calls)),
        "throttled": sum(call.status == 429 for call in calls),
        "busiestSecond": busiest(proxy, 1.0),
        "busiestTenSeconds": busiest(proxy, 10.0),
        "allowedInTenSeconds": 10 * asked.rate + math.ceil(asked.rate),
        "rssBeforeMiB": round(before, 1),
        "rssPeakMiB": round(peak, 1),
        "rssAfterMiB": round(memory.now(), 1),
    }
    for wave in range(1, asked.waves):
        memory.seen.clear()
        with memory.watched():
            await again(client, hands, [f"wave{wave}-{name}" for name in names], asked)
        figures[f"rssPeakOfWave{wave + 1}MiB"] = round(max(memory.seen), 1)
    return figures


async def again(
    client: Client, hands: ByHand, names: list[str], asked: argparse.Namespace
) -> None:
    """As many once more, by the same process: what it holds must not grow with each wave."""
    ends = datetime.now(UTC) + timedelta(seconds=asked.lead)
    await begin(client, names, ends=ends)
    await all_ready(client, names)
    for name in names:
        hands.put_object(name, "receipt.pdf")
    await all_removed(client, names)


def keeps_its_word(figures: dict[str, Any]) -> list[str]:
    """What was promised and is not so."""
    broken = []
    if figures["removed"] != figures["environments"] or figures["left"]:
        broken.append("not all are gone")
    most = max(figures["busiestTenSeconds"].values())
    if most > figures["allowedInTenSeconds"]:
        broken.append(f"{most} calls in ten seconds")
    most = max(figures["busiestSecond"].values())
    if most > 2 * figures["declaredPerSecond"]:
        broken.append(f"{most} calls in one second")
    if not figures["throttled"]:
        broken.append("nothing was throttled, so that nothing is said about it")
    return broken


async def run(asked: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="lockgate-bench-") as folder:
        home = Home(Path(folder) / "state")
        try:
            left_out, added = frozenset({"load"}), frozenset({"aws"})
            site = stack.up(home, without=left_out, added=added).site
            with proxying(site.url("aws")) as proxy:
                began = time.monotonic()
                figures = await measure(site, proxy, asked)
                print(f"  in {time.monotonic() - began:.0f} s, the making included", flush=True)
        finally:
            stack.down(home)
    broken = keeps_its_word(figures)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    for each in broken:
        print(f"broken: {each}")
    return 1 if broken else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="environments")
    parser.add_argument("--rate", type=int, default=20, help="calls a second to each service")
    parser.add_argument("--lead", type=int, default=240, help="seconds until all of them expire")
    parser.add_argument("--spell", type=float, default=5.0, help="seconds of throttling")
    parser.add_argument("--waves", type=int, default=1, help="how often, by the same worker")
    return parser.parse_args()


if __name__ == "__main__":
    run_and_leave(lambda: asyncio.run(run(arguments())))
