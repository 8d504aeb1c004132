"""Expected alerts are silent from before the first shift to the end of the climb, no longer."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_catalog, an_order, build_of
from tests.engine.conftest import Started, working
from workflows.domain.errors import Refused
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Provider, Target, arm_name
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
PROVIDER = Provider(type="fake", connection="production")
STEPS = ({"setWeight": 10}, {"pause": {}}, {"setWeight": 100})
EXPECTED = {"alertname": "LatencyHigh", "expected": {"atMost": 0.5, "annotation": "value"}}
ALERT = {
    "alertname": "LatencyHigh",
    "environment": "production",
    "service": "checkout",
    "arm": arm_name("checkout", build_of("checkout", "v2")),
}
ANA = Command(by="ana")


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


@pytest.fixture
def manager(world):
    return world.alerts.manager(PROVIDER)


def order():
    catalog = a_catalog(
        steps=STEPS,
        service={"expectedAlerts": [EXPECTED]},
        environment={"alerts": {"type": "fake", "connection": "production"}},
    )
    return an_order(catalog=catalog)


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - the world behind the ports tells nobody
            await asyncio.sleep(0.02)


def fire(manager, *, size, **labels):
    now = datetime.now(UTC)
    ends = now + timedelta(hours=1)
    manager.fire({**ALERT, **labels}, {"value": str(size)}, starts_at=now, ends_at=ends)


@pytest.fixture
async def shifting(start, world):
    """The canary has its first traffic, and its expected alerts are muted by now."""
    started = await start(order())
    await started.until_phase(Phase.HOLDING)
    (silence,) = world.alerts.silences
    await until(lambda: silence.starts_at <= datetime.now(UTC))
    return started


async def report(world, started):
    """What was masked, as the record has it at the end of the release."""
    (entry,) = (e for e in world.recorded(started.handle.id) if e.action == "hold_silences")
    return entry.detail


async def test_silence_begins_before_anything_is_shifted_and_ends_with_the_climb(shifting, world):
    await shifting.handle.signal(ReleaseWorkflow.promote, ANA)

    assert (await shifting.result()).phase == Phase.HEALTHY
    assert world.alerts.silences == []
    actions = [entry.action for entry in world.recorded(shifting.handle.id)]
    assert actions.index("begin_silences") < actions.index("shift_traffic")
    assert actions.index("hold_silences") < actions.index("verify_running")


@pytest.mark.parametrize("end", ["failure", "abort", "cancel", "promotion is gone"])
async def test_no_silence_outlives_a_release_that_turns_back(shifting, client, world, end):
    match end:
        case "failure":
            world.deploy.unhealthy.add(build_of("checkout", "v2"))
        case "abort":
            await shifting.handle.signal(ReleaseWorkflow.abort, ANA)
        case "cancel":
            await shifting.handle.cancel()
        case _:
            promotion = f"{shifting.handle.id}/production/checkout"
            await client.get_workflow_handle(promotion).terminate("somebody pulled the plug")
            world.deploy.unhealthy.clear()
    outcome = await shifting.result()

    assert outcome.phase in {Phase.ROLLED_BACK, Phase.CANCELLED}
    assert world.alerts.silences == []
    undone = [each.undo.method for each in outcome.undone]
    assert undone.index("remove_version") < undone.index("lift_silences")


async def test_a_release_that_is_gone_silences_nothing_any_more(shifting, world):
    await shifting.handle.terminate("somebody pulled the plug")

    await until(lambda: world.alerts.silences == [])


async def test_what_was_masked_is_in_the_record(shifting, world, manager):
    fire(manager, size=0.3)
    assert manager.paged == []

    await shifting.handle.signal(ReleaseWorkflow.promote, ANA)
    await shifting.result()

    assert await report(world, shifting) == "1 alerts masked, 0 of them raised again"


async def test_an_alert_that_is_larger_than_expected_pages_all_the_same(shifting, world, manager):
    fire(manager, size=0.9)

    await until(lambda: bool(manager.paged))

    await shifting.handle.signal(ReleaseWorkflow.promote, ANA)
    await shifting.result()
    assert "1 alerts masked, 1 of them raised again" in await report(world, shifting)


async def test_a_severity_that_pages_is_never_silenced(shifting, manager):
    fire(manager, size=0.3, severity="page")

    assert [alert["severity"] for alert in manager.paged] == ["page"]


@pytest.mark.parametrize("why", ["refuses", "is down"])
async def test_an_alert_manager_that_does_not_help_ends_no_release(
    start, world, manager, monkeypatch, why
):
    def refuse(_silence):
        raise Refused("no such silence")

    if why == "refuses":
        monkeypatch.setattr(manager, "put", refuse)
    else:
        manager.down = True

    started = await start(order())
    await started.until_phase(Phase.HOLDING)
    await started.handle.signal(ReleaseWorkflow.promote, ANA)

    assert (await started.result()).phase == Phase.HEALTHY
    entry = next(e for e in world.recorded(started.handle.id) if e.action == "begin_silences")
    assert entry.outcome == ("Refused" if why == "refuses" else "Unavailable")


@pytest.mark.parametrize("grace", [0, 5])
async def test_another_worker_goes_on_with_the_silence_of_one_that_stops(
    client, queue, world, grace
):
    async with working(client, queue, world, grace=grace):
        handle = await client.start_workflow(
            ReleaseWorkflow.run, order(), id=f"release/{uuid.uuid4().hex}", task_queue=queue
        )
        started = Started(handle=handle, order=order())
        await started.until_phase(Phase.HOLDING)
        await until(lambda: len(world.alerts.asks) == 2)
        (before,) = world.alerts.silences
    assert world.alerts.silences == [before]

    async with working(client, queue, world):
        await until(lambda: len(world.alerts.asks) == 3)
        await handle.signal(ReleaseWorkflow.promote, ANA)
        assert (await started.result()).phase == Phase.HEALTHY

    assert world.alerts.silences == []
