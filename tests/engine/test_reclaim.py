"""What a terminated story left is taken down under its own id, and what is held is not."""

import asyncio
import uuid
from datetime import timedelta

import pytest
import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError

from tests.engine.histories import save_histories
from tests.engine.living import Living, a_living_order
from workflows.domain.environments.census import Tag
from workflows.domain.environments.commands import Retry, SetHold, Teardown
from workflows.domain.environments.order import ReclaimOrder
from workflows.domain.environments.view import EnvironmentPhase
from workflows.environment import EnvironmentWorkflow
from workflows.reclaim import ReclaimWorkflow


@pytest.fixture
def cloud(world):
    return world.environments.cloud


@pytest_asyncio.fixture(loop_scope="session")
async def reclaim(client, queue, worker, request):
    begun = []

    async def begin(name, teardown=None, **tags):
        living = Living(client, a_living_order(name, teardown=teardown))
        order = ReclaimOrder(
            name=name,
            provider=living.order.plan.provider,
            tags=tags,
            teardown=living.order.plan.teardown,
            reason="nothing of it lives",
            by="sweep",
        )
        await client.start_workflow(ReclaimWorkflow.run, order, id=living.id, task_queue=queue)
        begun.append(living)
        return living

    yield begin
    for living in begun:
        if request.config.getoption("--record-histories"):
            await save_histories(client, living.id, request.node.name)
        if (await living.handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await living.handle.terminate("the test is over")


async def abandoned(ask_for):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    await living.handle.terminate("somebody pulled the plug")
    return living


async def test_what_a_terminated_story_left_is_removed(ask_for, reclaim, cloud, world):
    left = await abandoned(ask_for)
    tags = cloud.of(left.name)[0].tags

    gone = await (await reclaim(left.name, **tags)).result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert (gone.owner, gone.team, gone.template) == ("ana", "team-shop", "preview")
    assert gone.removal.by == "sweep"
    assert gone.removal.after.empty
    assert not cloud.of(left.name)
    assert "proved" in {entry.outcome for entry in world.recorded(left.id)}


async def test_a_held_one_is_left_as_it_is(ask_for, reclaim, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    await living.tell(EnvironmentWorkflow.hold, SetHold(by="ben", reason="litigation"))
    await living.until(lambda _: any(Tag.HOLD in each.tags for each in cloud.of(living.name)))
    await living.handle.terminate("somebody pulled the plug")
    asked = len(cloud.asked)

    held = await (await reclaim(living.name, **cloud.of(living.name)[0].tags)).result()

    assert held.phase is EnvironmentPhase.HELD
    assert held.reason == "a hold is tagged on it: ben: litigation"
    assert len(cloud.asked) == asked
    assert len(cloud.of(living.name)) == 2


async def test_a_hold_on_anything_of_it_is_enough(reclaim, cloud):
    """The sweep hands over the tags of what it found first; the census sees all."""
    name = f"pr-{uuid.uuid4().hex[:8]}"
    cloud.plant(name, f"{name}/free")
    cloud.plant(name, f"{name}/held", **{Tag.HOLD: "litigation"})

    held = await (await reclaim(name)).result()

    assert held.phase is EnvironmentPhase.HELD
    assert held.reason == "a hold is tagged on it: litigation"
    assert len(cloud.of(name)) == 2


async def test_no_environment_of_the_name_begins_meanwhile(client, queue, reclaim, cloud):
    name = f"pr-{uuid.uuid4().hex[:8]}"
    cloud.plant(name, f"{name}/left")
    cloud.undeletable[f"{name}/left"] = "in use"
    reclaimed = await reclaim(name)
    await reclaimed.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    with pytest.raises(WorkflowAlreadyStartedError):
        await client.start_workflow(
            EnvironmentWorkflow.run, reclaimed.order, id=reclaimed.id, task_queue=queue
        )

    cloud.undeletable.clear()
    await reclaimed.tell(ReclaimWorkflow.retry, Retry(by="ana", reason="let go"))
    gone = await reclaimed.result()
    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.attempts == 2


async def test_what_stays_left_for_long_is_carried_from_run_to_run(reclaim, cloud):
    name, often = f"pr-{uuid.uuid4().hex[:8]}", timedelta(milliseconds=20)
    cloud.plant(name, f"{name}/left")
    cloud.undeletable[f"{name}/left"] = "in use"
    reclaimed = await reclaim(name, teardown={"retry_after": often, "retry_at_most": often})
    first = await reclaimed.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    await reclaimed.until(lambda view: view.run != first.run)
    cloud.undeletable.clear()
    gone = await reclaimed.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.by == "sweep"
    assert gone.removal.removed == (f"AWS::SQS::Queue ({name}/left)",)


async def test_a_cancel_does_not_stop_it_and_whoever_asks_again_has_it_tried(reclaim, cloud):
    name = f"pr-{uuid.uuid4().hex[:8]}"
    cloud.plant(name, f"{name}/left")
    cloud.undeletable[f"{name}/left"] = "in use"
    reclaimed = await reclaim(name)
    await reclaimed.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    await reclaimed.handle.cancel()
    cloud.undeletable.clear()
    await reclaimed.tell(ReclaimWorkflow.teardown, Teardown(by="ana", reason="let go"))

    assert (await asyncio.wait_for(reclaimed.result(), 20)).phase is EnvironmentPhase.REMOVED
