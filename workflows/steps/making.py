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


async def make(order: EnvironmentOrder, tale: EnvironmentTale) -> None:
    """Check, create, and say what it is made of and what that costs.

    What carries its tags already is somebody's whose story is gone: it is neither taken over nor
    removed, so whatever is found after a failure was begun here.

    Raises:
        ReleaseError: it was not made; the message names the resource and why.
    """
    await _expect_free(order, tale)
    made = await _made(order, tale)
    cost = hourly(order.plan.prices, made.resources)
    tale.note("ready", f"{order.name} is ready", outcome="made", detail=str(made))
    tale.show(
        phase=EnvironmentPhase.READY,
        ready_at=workflow.now(),
        doing="",
        outputs=made.outputs,
        resources=len(made.resources),
        per_hour=cost.per_hour,
        unpriced=cost.unpriced,
    )


async def _expect_free(order: EnvironmentOrder, tale: EnvironmentTale) -> None:
    """Raises Diverged where anything has its tags, or where not everything could be counted."""
    tale.show(doing="see that nothing of its name exists")
    ask = TakeCensus(environment=order.name, provider=order.plan.provider)
    census = await call(EnvironmentsPort.take_census, ask, trail=tale.trail)
    if not census.empty:
        left = ", ".join(str(each) for each in census.resources[:5])
        raise Diverged(
            f"something of an environment {order.name} exists and has no story: {census}"
            + (f": {left}" if left else "")
            + f"; nothing was touched: see `lockgate env census {order.name}`"
        )


async def _made(order: EnvironmentOrder, tale: EnvironmentTale) -> Made:
    plan, view = order.plan, tale.view
    tale.show(doing="check its template")
    await call(
        EnvironmentsPort.check_blueprint,
        CheckBlueprint(provider=plan.provider, blueprint=plan.blueprint),
        trail=tale.trail,
    )
    tale.show(doing="create it")
    return await call(
        EnvironmentsPort.create_environment,
        CreateEnvironment(
            environment=order.name,
            provider=plan.provider,
            blueprint=plan.blueprint,
            tags=order.tags(expiry=view.expires_at or workflow.now()),
        ),
        trail=tale.trail,
    )
