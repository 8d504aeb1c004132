"""Bringing an environment into being, once a census has proved that its name is free."""

from temporalio import workflow

from workflows.domain.environments.cost import hourly
from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.errors import Diverged
from workflows.ports.environments import (
    CheckBlueprint,
    CreateEnvironment,
    EnvironmentsPort,
    Made,
    TakeCensus,
)
from workflows.steps.call import call
from workflows.steps.environment_tale import EnvironmentTale


class Making:
    """One attempt to make an environment; *begun* says whether there may be anything to remove.

    What carries its tags already is somebody's whose story is gone: it is neither taken over nor
    removed, so whatever is found after a failure was begun here.
    """

    def __init__(self, order: EnvironmentOrder, tale: EnvironmentTale) -> None:
        self._order = order
        self._tale = tale
        self.begun = tale.view.phase is not EnvironmentPhase.CREATING

    async def make(self) -> None:
        """Check, create, and say what it is made of and what that costs.

        Raises:
            ReleaseError: it was not made; the message names the resource and why.
        """
        await self._expect_free()
        await self._check()
        made = await self._create()
        cost = hourly(self._order.plan.prices, made.resources)
        self._tale.note("ready", f"{self._order.name} is ready", outcome="made", detail=str(made))
        self._tale.show(
            phase=EnvironmentPhase.READY,
            ready_at=workflow.now(),
            doing="",
            outputs=made.outputs,
            resources=len(made.resources),
            per_hour=cost.per_hour,
            unpriced=cost.unpriced,
        )

    async def _expect_free(self) -> None:
        """Raises Diverged where anything has its tags, or where not all could be counted."""
        self._tale.show(doing="see that nothing of its name exists")
        name, provider = self._order.name, self._order.plan.provider
        ask = TakeCensus(environment=name, provider=provider)
        census = await call(EnvironmentsPort.take_census, ask, trail=self._tale.trail)
        if not census.empty:
            left = ", ".join(str(each) for each in census.resources[:5])
            raise Diverged(
                f"something of an environment {name} exists and has no story: {census}"
                + (f": {left}" if left else "")
                + f"; nothing was touched: see `lockgate env census {name}`"
            )

    async def _check(self) -> None:
        self._tale.show(doing="check its template")
        plan = self._order.plan
        ask = CheckBlueprint(provider=plan.provider, blueprint=plan.blueprint)
        await call(EnvironmentsPort.check_blueprint, ask, trail=self._tale.trail)

    async def _create(self) -> Made:
        self._tale.show(doing="create it")
        self.begun = True
        expiry = self._tale.view.expires_at or workflow.now()
        ask = CreateEnvironment(
            environment=self._order.name,
            provider=self._order.plan.provider,
            blueprint=self._order.plan.blueprint,
            tags=self._order.tags(expiry=expiry),
        )
        return await call(EnvironmentsPort.create_environment, ask, trail=self._tale.trail)
