"""Environments on the real stack and an emulator of AWS, as a test asks for and steers them."""

import asyncio
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
from temporalio.client import Client, ScheduleInfo, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from examples.environments.by_hand import ByHand
from examples.environments.typed import CATALOG
from infra.local import stack
from infra.local.cloud import CONNECTION
from infra.local.component import Site
from starters.files.catalog import catalog_of, read_catalog
from tests.cloud_proxy import CloudProxy
from tests.e2e.live_shop import PATIENCE, run_lockgate, until
from workflows.domain.environments.commands import Teardown
from workflows.domain.environments.order import EnvironmentOrder, LeaseRule
from workflows.domain.environments.planning import plan_environment
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.names import Queue, environment_id
from workflows.environment import EnvironmentWorkflow

MADE = 6
"""The stack of the example's template, a bucket, a queue, a table, a group and a database."""


def route_through(site: Site, proxy: CloudProxy, *, per_second: int) -> None:
    """Have the worker ask the emulator by way of *proxy*, at most so often."""
    told = tomllib.loads(site.home.settings.read_text("utf-8"))
    assert told["environments"], "the stack was started without its emulator of AWS"
    told["environments"][CONNECTION] |= {"endpoint": proxy.url, "calls_per_second": per_second}
    site.home.settings.write_text(tomli_w.dumps(told), "utf-8")
    stack.restart(site.home, "worker")


@dataclass
class LiveEnvironment:
    """One environment, by its name."""

    name: str
    client: Client

    @property
    def handle(self) -> WorkflowHandle[EnvironmentWorkflow, EnvironmentView]:
        return self.client.get_workflow_handle_for(
            EnvironmentWorkflow.run, environment_id(self.name)
        )

    async def view(self) -> EnvironmentView:
        return await self.handle.query(EnvironmentWorkflow.status)

    async def until_phase(self, *phases: EnvironmentPhase) -> EnvironmentView:
        """Until it is in one of them; nobody may be there to answer for a while."""
        view = await until(self._answer, lambda view: view is not None and _is(view, phases))
        assert view is not None
        assert view.phase in phases, f"{self.name} is {view.phase}: {view.reason}"
        return view

    async def tear_down(self) -> None:
        await self.handle.execute_update(
            EnvironmentWorkflow.teardown, Teardown(by="ana", reason="its test is over")
        )

    async def ended(self) -> EnvironmentView:
        return await asyncio.wait_for(self.handle.result(), timeout=2 * PATIENCE)

    async def _answer(self) -> EnvironmentView | None:
        with suppress(RPCError, WorkflowQueryFailedError):
            return await self.view()
        return None


def _is(view: EnvironmentView, phases: tuple[EnvironmentPhase, ...]) -> bool:
    return view.phase in phases or view.phase.final


def _ended(info: ScheduleInfo, before: int) -> bool:
    return info.num_actions > before and not info.running_actions


@dataclass
class LiveCloud:
    """The stack, the emulator behind its proxy, and who asks for environments."""

    site: Site
    client: Client
    proxy: CloudProxy
    hands: ByHand

    def order(
        self, name: str, template: str = "preview", *, lease: dict[str, Any] | None = None
    ) -> EnvironmentOrder:
        """What `env request` orders of the example's catalog, with another *lease*."""
        plan = plan_environment(template, catalog_of(read_catalog(Path(CATALOG))), {})
        rule = LeaseRule.model_validate({**plan.lease.model_dump(), **(lease or {})})
        # Each has a text of its own, so that every call with it can be told from others.
        text = f"{plan.blueprint.text}# {name}\n"
        blueprint = plan.blueprint.model_copy(update={"text": text})
        return EnvironmentOrder(
            name=name,
            plan=plan.model_copy(update={"lease": rule, "blueprint": blueprint}),
            owner="ana",
            purpose="an end-to-end test",
        )

    async def make(self, name: str, template: str = "preview", **lease: Any) -> LiveEnvironment:
        """Begin an environment of that name."""
        await self.client.start_workflow(
            EnvironmentWorkflow.run,
            self.order(name, template, lease=lease),
            id=environment_id(name),
            task_queue=Queue.STORIES,
        )
        return LiveEnvironment(name, self.client)

    def lockgate(self, *words: str) -> str:
        """Run one command, which must end well; its output."""
        folder = str(self.site.home.schedules)
        done = run_lockgate(self.site, *words, LOCKGATE_SCHEDULES=folder)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    async def swept(self, *schedules: str) -> None:
        """Trigger each and wait until what it starts has ended."""
        for schedule in schedules:
            handle = self.client.get_schedule_handle(schedule)
            before = (await handle.describe()).info.num_actions
            self.lockgate("schedules", "trigger", schedule)
            await until(handle.describe, lambda seen, before=before: _ended(seen.info, before))

    def kill(self, component: str) -> None:
        """SIGKILL; returns when the successor is healthy."""
        stack.kill(self.site.home, component)
