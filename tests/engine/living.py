"""An environment under way in a test, with the questions that tests ask of it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError

from tests.environments import an_environment_order
from workflows.domain.environments.order import EnvironmentOrder, LeaseRule, TeardownRule
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.names import environment_id
from workflows.environment import EnvironmentWorkflow

SOON = timedelta(milliseconds=300)
LATER = timedelta(hours=1)


def a_living_order(
    name: str,
    *,
    lease: dict[str, Any] | None = None,
    teardown: dict[str, Any] | None = None,
    told_within: timedelta = timedelta(minutes=5),
    **changes: Any,
) -> EnvironmentOrder:
    """An order with a lease as short as a test can wait for, and no pause that it cannot."""
    order = an_environment_order(name, **changes)
    rules = {
        "lease": LeaseRule.model_validate({**order.plan.lease.model_dump(), **(lease or {})}),
        "teardown": TeardownRule.model_validate(
            {**order.plan.teardown.model_dump(), **(teardown or {})}
        ),
    }
    plan = order.plan.model_copy(update=rules)
    return order.model_copy(update={"plan": plan, "told_within": told_within})


class Living:
    """One environment, whichever run of its story is the newest."""

    def __init__(self, client: Client, order: EnvironmentOrder) -> None:
        self.order = order
        self.name = order.name
        self.id = environment_id(order.name)
        self.first_run: str | None = None
        self.handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(self.id)

    async def view(self) -> EnvironmentView:
        return await self.handle.query(EnvironmentWorkflow.status)

    async def until(self, reached: Callable[[EnvironmentView], bool]) -> EnvironmentView:
        """Ask for the view until *reached* holds."""
        async with asyncio.timeout(20):
            while True:
                view = await self.view()
                if reached(view):
                    return view
                await asyncio.sleep(0.02)

    async def until_phase(self, phase: EnvironmentPhase) -> EnvironmentView:
        return await self.until(lambda view: view.phase is phase)

    async def tell(self, update: Any, said: Any) -> EnvironmentView:
        view: EnvironmentView = await self.handle.execute_update(update, said)
        return view

    async def refusal(self, update: Any, said: Any) -> tuple[str, str]:
        """The kind and the message with which it refuses what is *said*."""
        try:
            await self.handle.execute_update(update, said)
        except WorkflowUpdateFailedError as failed:
            return failed.cause.type, failed.cause.message  # type: ignore[union-attr]
        raise AssertionError(f"{self.name} did not refuse {said}")

    async def result(self) -> EnvironmentView:
        answer = await asyncio.wait_for(self.handle.result(), timeout=30)
        return EnvironmentView.model_validate(answer)
