"""The record is sealed at a release's end, by the clock, and what is not as sealed is told."""

import asyncio
import uuid

import pytest
from temporalio.client import WorkflowFailureError

from tests.builders import an_order
from tests.engine.histories import save_histories
from workflows.domain.audit import Entry
from workflows.domain.errors import Unavailable
from workflows.domain.names import seal_id
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.audit import AppendRecord
from workflows.seal import SealOrder, SealWorkflow

CHECKOUT = Target(service="checkout", environment="production")


async def sealing(client, queue, **order):
    return await client.start_workflow(
        SealWorkflow.run,
        SealOrder(**order),
        id=f"seal-{uuid.uuid4().hex}",
        task_queue=queue,
    )


def note_something(world, now, key="a"):
    entry = Entry(key=key, at=now, action="a", sentence="did it", outcome="done")
    world.audit.append_record(AppendRecord(release="calendar", entries=(entry,)))


async def sealed_at_its_end(client, started):
    """The release's own seal, which it does not wait for."""
    await started.result()
    seal = client.get_workflow_handle_for(SealWorkflow.run, seal_id(started.handle.id))
    return await asyncio.wait_for(seal.result(), timeout=20)


async def test_a_release_is_sealed_at_its_end(client, queue, start, world, request):
    world.serve(CHECKOUT, "v1")
    started = await start(an_order())
    release = started.handle.id

    sealed = await sealed_at_its_end(client, started)

    assert sealed.note is not None
    assert {(release, link.position) for link in world.audit.links[release]} <= set(
        world.sealing.order
    )
    if request.config.getoption("--record-histories"):
        await save_histories(client, seal_id(release), request.node.name)


async def test_a_vault_that_is_away_keeps_no_release_from_its_end(start, world):
    world.serve(CHECKOUT, "v1")
    world.sealing.failures = [Unavailable("the vault is sealed")] * 1000

    started = await start(an_order())

    assert (await started.result()).phase is Phase.HEALTHY
    world.sealing.failures = []


async def test_by_the_clock_what_is_new_is_sealed(client, queue, start, world):
    world.serve(CHECKOUT, "v1")
    started = await start(an_order())
    await sealed_at_its_end(client, started)
    note_something(world, world.audit.links[started.handle.id][0].entry.at)

    sealed = await (await sealing(client, queue)).result()

    assert sealed.size == len(world.sealing.order)
    assert ("calendar", 1) in world.sealing.order


async def test_a_record_that_is_not_as_sealed_fails_the_story_and_is_not_built_upon(
    client, queue, start, world
):
    world.serve(CHECKOUT, "v1")
    started = await start(an_order())
    await sealed_at_its_end(client, started)
    release = started.handle.id
    changed = world.audit.links[release][1]
    entry = changed.entry.model_copy(update={"outcome": "never"})
    world.audit.links[release][1] = changed.model_copy(update={"entry": entry})

    for order in ({}, {"compare": True}):
        with pytest.raises(WorkflowFailureError) as failure:
            await (await sealing(client, queue, **order)).result()
        assert f"position 2 of {release}" in str(failure.value.cause)

    assert len(world.sealing.sealed) == 1
