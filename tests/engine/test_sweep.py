"""The sweep: what a terminated release left is put back, once."""

import asyncio
import uuid
from datetime import timedelta

from temporalio.client import WorkflowExecutionStatus

from tests.builders import CANARY, a_catalog, an_order, analysis, build_of
from tests.engine.histories import save_histories
from workflows.domain.names import rollback_id
from workflows.domain.risk.earned import Ending
from workflows.domain.values import Target
from workflows.rollback import RollbackWorkflow
from workflows.sweep import SweepOrder, SweepWorkflow

CHECKOUT = Target(service="checkout", environment="production")
RECENTLY = timedelta(minutes=1)
"""What earlier tests terminated is not asked for: nobody is there to answer, which takes long."""
ENDLESS = (*CANARY[:2], analysis("8h"), {"setWeight": 100})


async def _sweep(client, queue):
    handle = await client.start_workflow(
        SweepWorkflow.run,
        SweepOrder(within=RECENTLY),
        id=f"sweep-{uuid.uuid4().hex}",
        task_queue=queue,
    )
    return handle, await asyncio.wait_for(handle.result(), timeout=40)


async def _swept(client, queue, release):
    """Sweep until the sweep has seen *release*: visibility learns of an end a little later."""
    async with asyncio.timeout(40):
        while True:
            handle, report = await _sweep(client, queue)
            if release in report.releases:
                return handle


async def test_who_ends_a_release_from_outside_hides_no_failure(client, queue, start, world):
    """A pattern would keep its standing by a plug that is pulled in time."""
    world.serve(CHECKOUT, "v1")
    started = await start(an_order(catalog=a_catalog(steps=ENDLESS)))
    await started.until(lambda status: status.exposure.weight_asked == 10)
    await started.handle.terminate("somebody pulled the plug")

    await _swept(client, queue, started.handle.id)

    (filed,) = world.outcomes.ended
    assert filed.release == started.handle.id
    assert filed.ending is Ending.FAILED


async def test_it_puts_back_what_a_terminated_release_left(client, queue, start, world, request):
    world.serve(CHECKOUT, "v1")
    started = await start(an_order(catalog=a_catalog(steps=ENDLESS)))
    await started.until(lambda status: status.exposure.weight_asked == 10)
    await started.handle.terminate("somebody pulled the plug")
    assert world.route(CHECKOUT).canary == build_of("checkout", "v2")

    sweep = await _swept(client, queue, started.handle.id)
    rollback = client.get_workflow_handle_for(RollbackWorkflow.run, rollback_id(started.handle.id))
    view = await asyncio.wait_for(rollback.result(), timeout=20)

    assert view.differences == ()
    assert world.route(CHECKOUT).stable == build_of("checkout", "v1")
    assert world.route(CHECKOUT).whole
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}
    if request.config.getoption("--record-histories"):
        await save_histories(client, sweep.id, request.node.name)


async def test_a_release_that_was_swept_is_not_swept_again(client, queue, start, world):
    world.serve(CHECKOUT, "v1")
    started = await start(an_order(catalog=a_catalog(steps=ENDLESS)))
    await started.until(lambda status: status.exposure.weight_asked == 10)
    await started.handle.terminate("somebody pulled the plug")
    await _swept(client, queue, started.handle.id)
    rollback = client.get_workflow_handle(rollback_id(started.handle.id))
    await asyncio.wait_for(rollback.result(), timeout=20)

    _, report = await _sweep(client, queue)

    assert started.handle.id not in report.releases
    assert (await rollback.describe()).status is WorkflowExecutionStatus.COMPLETED
