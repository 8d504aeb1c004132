"""The shop on the real stack under real traffic, and its releases as a test steers them."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from infra.local import stack
from infra.local.component import Site
from infra.local.home import SERVICES
from starters import starting, steering
from starters.files.spec_file import load_order
from tests.e2e.release_files import write_release
from workflows.domain.gates.vote import Vote
from workflows.domain.names import promotion_id
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Outcome, ReleaseStatus, RollbackView, TargetView
from workflows.domain.values import Target
from workflows.promotion import PromotionWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds for anything that has to happen: a killed worker's last ask is given up after 30."""

_LOOK_EVERY = 0.2
T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T]], reached: Callable[[T], bool]) -> T:
    """Ask again and again; the first answer that is as it has to become."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await ask()
            if reached(answer):
                return answer
            await asyncio.sleep(_LOOK_EVERY)


def run_lockgate(site: Site, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person of that stack would, and wait for it."""
    return subprocess.run(
        [sys.executable, "-m", "starters.main", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "LOCKGATE_HOME": str(site.home.root),
            "LOCKGATE_SETTINGS": str(site.home.settings),
            "TEMPORAL_CONFIG_FILE": str(site.home.temporal_config),
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@dataclass
class LiveRelease:
    """A release under way, by its name and its workflow id."""

    name: str
    id: str
    client: Client

    @property
    def handle(self) -> WorkflowHandle[ReleaseWorkflow, Outcome]:
        return self.client.get_workflow_handle_for(ReleaseWorkflow.run, self.id)

    @property
    def rollback(self) -> WorkflowHandle[RollbackWorkflow, RollbackView]:
        return self.client.get_workflow_handle_for(RollbackWorkflow.run, f"{self.id}/rollback")

    async def status(self) -> ReleaseStatus:
        return await self.handle.query(ReleaseWorkflow.status)

    async def counted(self, service: str) -> TargetView:
        """What the promotion of *service* into production knows at its latest look."""
        target = Target(service=service, environment="production")
        child = self.client.get_workflow_handle_for(
            PromotionWorkflow.run, promotion_id(self.id, target)
        )
        return await child.query(PromotionWorkflow.status)

    async def ended(self) -> Outcome:
        return await asyncio.wait_for(self.handle.result(), timeout=PATIENCE)

    async def until(self, reached: Callable[[ReleaseStatus], bool]) -> ReleaseStatus:
        """Ask where it stands until *reached* holds; nobody may be there to answer for a while."""
        status = await until(
            self._answer,
            lambda status: status is not None and (reached(status) or status.phase.final),
        )
        assert status is not None
        assert reached(status), f"{self.name} ended as {status.phase}: {status.reason}"
        return status

    async def _answer(self) -> ReleaseStatus | None:
        with suppress(RPCError, WorkflowQueryFailedError):
            return await self.status()
        return None

    async def until_phase(self, phase: Phase) -> ReleaseStatus:
        return await self.until(lambda status: status.phase == phase)

    async def until_canary(self, percent: int = 25) -> ReleaseStatus:
        """Until a canary takes *percent* of the traffic and is watched at it."""
        return await self.until(lambda status: _is_watched(status, percent))

    async def until_retrying(self, activity: str) -> None:
        """Until a promotion into production has asked for *activity* in vain, and asks again."""
        await until(lambda: self._is_retrying(activity), bool)

    async def _is_retrying(self, activity: str) -> bool:
        targets = [view.target for view in (await self.status()).targets]
        for target in targets:
            child = self.client.get_workflow_handle(promotion_id(self.id, target))
            pending = (await child.describe()).raw_description.pending_activities
            if any(one.activity_type.name == activity and one.attempt > 1 for one in pending):
                return True
        return False

    async def tell(self, word: steering.Word, reason: str = "an end-to-end test") -> None:
        await steering.command(self.client, self.id, word, Command(by="ana", reason=reason))

    async def approve(self) -> None:
        """Vote as soon as the gate is open."""
        status = await self.until_phase(Phase.AWAITING_APPROVAL)
        ballot = Vote(voter="ana", approved=True, digest=status.decision_digest)
        await steering.vote(self.client, self.id, ballot)


def _is_watched(status: ReleaseStatus, percent: int) -> bool:
    return any(
        view.exposure.weight_asked == percent and view.doing.startswith("watch")
        for view in status.targets
    )


@dataclass
class LiveShop:
    """Both environments of the shop, and who releases into them."""

    site: Site
    client: Client
    files: Path

    async def release(
        self,
        name: str,
        versions: dict[str, str],
        *,
        environments: tuple[str, ...] = ("production",),
        gated: bool = False,
        strategy: str | None = None,
        flags: tuple[dict[str, Any], ...] = (),
    ) -> LiveRelease:
        """Start the release of *versions*; each service waits for the one before it."""
        file = self.write(
            name,
            versions,
            environments=environments,
            gated=gated,
            strategy=strategy,
            flags=flags,
        )
        begun = await starting.start(self.client, load_order(file, requested_by="ci"))
        return LiveRelease(name, begun.release, self.client)

    def write(
        self,
        name: str,
        versions: dict[str, str],
        *,
        environments: tuple[str, ...] = ("production",),
        gated: bool = False,
        strategy: str | None = None,
        flags: tuple[dict[str, Any], ...] = (),
    ) -> Path:
        file = self.files / ("gated" if gated else "open") / f"{name}.yaml"
        write_release(file, versions, environments, strategy=strategy, flags=flags)
        return file

    async def abort_open_releases(self) -> None:
        query = "WorkflowType = 'ReleaseWorkflow' AND ExecutionStatus = 'Running'"
        async for run in self.client.list_workflows(query):
            handle = self.client.get_workflow_handle_for(ReleaseWorkflow.run, run.id)
            with suppress(RPCError):  # what is searched lags behind: it may have ended
                await handle.signal(ReleaseWorkflow.abort, Command(reason="its test is over"))

    def lockgate(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the command line as a person would, and wait for it."""
        return run_lockgate(self.site, *arguments, **environ)

    def kill(self, component: str) -> None:
        """SIGKILL; returns when the successor is healthy."""
        stack.kill(self.site.home, component)

    def served(self, service: str, environment: str = "production", requests: int = 20) -> Counter:
        """Which versions answer real requests through the listener of *service*."""
        address = self.site.url(f"envoy-{environment}-{service}")
        with httpx.Client(base_url=address, trust_env=False, timeout=10) as client:
            return Counter(
                client.get("/version").headers.get("x-shop-version", "none")
                for _ in range(requests)
            )

    def serves(self, service: str, environment: str = "production") -> str:
        """The one version that answers."""
        (version,) = self.served(service, environment, requests=1)
        return version

    def other_good(self, service: str) -> str:
        """A good version that is not the one served."""
        return "v2" if self.serves(service) == "v1" else "v1"

    def serving(self) -> dict[str, str]:
        return {service: self.serves(service) for service in SERVICES}
