"""Finding what a terminated release left, asked of a real server and of the real story."""

import asyncio
from datetime import timedelta

from activities.releases.activities import ReleasesActivities
from tests.builders import CANARY, a_catalog, an_order, analysis
from workflows.domain.values import Target
from workflows.ports.releases import FindAbandoned

ASK = FindAbandoned(within=timedelta(hours=1))


async def _undos(started):
    async with asyncio.timeout(20):
        while not (undos := await started.handle.query("undos")):  # noqa: ASYNC110 - a query cannot wait
            await asyncio.sleep(0.02)
    return undos


async def _found(client, release):
    """What is found of *release*, once visibility knows its end."""
    activities = ReleasesActivities(client, asyncio.get_running_loop())
    async with asyncio.timeout(20):
        while True:
            found = await asyncio.to_thread(activities.find_abandoned, ASK)
            for each in found.releases:
                if each.release == release:
                    return each
            await asyncio.sleep(0.1)


async def test_a_release_that_is_terminated_on_its_way_is_found_with_its_undos(
    client, start, world
):
    world.serve(Target(service="checkout", environment="production"), "v1")
    order = an_order(catalog=a_catalog(steps=(*CANARY[:2], analysis("8h"), {"setWeight": 100})))
    started = await start(order)
    before = await _undos(started)

    await started.handle.terminate("somebody pulled the plug")
    abandoned = await _found(client, started.handle.id)

    assert abandoned.run_id == started.handle.first_execution_run_id
    assert [undo.sentence for undo in abandoned.undos][: len(before)] == [
        undo["sentence"] for undo in before
    ]
