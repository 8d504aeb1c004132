"""An environment's story: made, warned of, extended, held, and gone once a census proves it."""

import uuid
from datetime import timedelta

import pytest
import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy

from tests.engine.histories import save_histories
from tests.engine.living import Living, a_living_order
from tests.environments import PER_HOUR
from workflows.domain.environments.census import Tag
from workflows.domain.environments.commands import (
    Extend,
    Teardown,
)
from workflows.domain.environments.view import EnvironmentPhase
from workflows.environment import EnvironmentWorkflow

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
GO = Teardown(by="ana", reason="not needed any more")


@pytest_asyncio.fixture(loop_scope="session")
async def ask_for(client, queue, worker, request):
    """Ask for an environment; whatever still runs at the end of the test is terminated."""
    begun = []

    async def asked(name=None, **changes):
        order = a_living_order(name or f"pr-{uuid.uuid4().hex[:8]}", **changes)
        living = Living(client, order)
        await client.start_workflow(
            EnvironmentWorkflow.run,
            order,
            id=living.id,
            task_queue=queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        begun.append(living)
        return living

    yield asked
    if request.config.getoption("--record-histories"):
        for living in begun[-1:]:
            await save_histories(client, living.id, request.node.name)
    for living in begun:
        if (await living.handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await living.handle.terminate("the test is over")


@pytest.fixture
def cloud(world):
    return world.environments.cloud


def outcomes(world, living, action):
    return [e.outcome for e in world.recorded(living.id) if e.action == action]


async def test_it_is_made_warned_of_extended_and_gone_when_its_time_is_over(ask_for, cloud, world):
    living = await ask_for(
        lease={"ttl": 4 * SECOND, "warn_before": (3 * SECOND,), "extend_by": 2 * SECOND}
    )

    ready = await living.until_phase(EnvironmentPhase.READY)
    assert ready.resources == 2
    assert ready.per_hour == PER_HOUR
    assert ready.outputs == {"Bucket": f"{living.name}-bucket"}
    assert {each.tags[Tag.OWNER] for each in cloud.of(living.name)} == {"ana"}

    warned = await living.until_phase(EnvironmentPhase.EXPIRING)
    assert [told.before for told in warned.warned] == [3 * SECOND]
    extended = await living.tell(EnvironmentWorkflow.extend, Extend(by="ana", reason="demo"))
    assert extended.phase is EnvironmentPhase.READY
    assert extended.expires_at == ready.expires_at + 2 * SECOND
    await living.until_phase(EnvironmentPhase.EXPIRING)

    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.reason.startswith("its time was over at")
    assert gone.removal.after.empty
    assert len(gone.removal.removed) == 3
    assert gone.removal.saved_per_month == PER_HOUR * 730
    assert not cloud.of(living.name)
    assert outcomes(world, living, "warn") == ["warned", "warned"]
    assert [each.subject.split(" ")[-1] for each in world.notices.asks][-1] == "down"
