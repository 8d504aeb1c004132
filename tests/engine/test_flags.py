"""Flags move with the steps of a release, and back before its code; other hands are noticed."""

import asyncio

import pytest

from tests.builders import a_catalog, a_release, a_service, an_order, build_of
from tests.fakes.flags import a_flag
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target, arm_name
from workflows.ports.flags import SetFlag
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
KEY = "new-checkout"
FLAG = {"key": KEY, "phases": {"half": "canary-only", "full": "on"}}
STEPS = (
    {"setWeight": 10},
    {"setFlag": {"key": KEY, "phase": "half"}},
    {"pause": {}},
    {"setWeight": 50},
    {"setFlag": {"key": KEY, "phase": "full"}},
    {"setWeight": 100},
)
ARMS = [arm_name("checkout", build_of("checkout", version)) for version in ("v2", "v1")]


def order():
    release = a_release({**a_service("checkout"), "flags": [FLAG]})
    return an_order(release, a_catalog(steps=STEPS))


@pytest.fixture
def v1(world):
    world.serve(CHECKOUT, "v1")
    world.flags.put(CHECKOUT, a_flag(KEY))


async def at_half(started, world):
    """The release waits at the pause, the flag on for its own version alone."""
    async with asyncio.timeout(20):
        while world.flags.flag(CHECKOUT, KEY).targeting is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    await started.until(lambda status: bool(status.blocked_by))


async def test_a_release_moves_its_flag_with_its_steps(start, world, v1):
    started = await start(order())
    await at_half(started, world)
    half = world.flags.flag(CHECKOUT, KEY)
    assert [half.served_to(arm) for arm in ARMS] == ["on", "off"]

    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    outcome = await started.result()

    assert outcome.phase == Phase.HEALTHY
    full = world.flags.flag(CHECKOUT, KEY)
    assert [full.served_to(arm) for arm in ARMS] == ["on", "on"]
    assert full.set_by == started.handle.id


async def test_a_release_that_turns_back_takes_its_flag_back_first(start, world, v1):
    started = await start(order())
    await at_half(started, world)

    await started.handle.signal(ReleaseWorkflow.abort, Command(by="ana"))
    outcome = await started.result()

    assert outcome.phase == Phase.CANCELLED
    assert world.flags.flag(CHECKOUT, KEY) == a_flag(KEY)
    assert world.route(CHECKOUT).stable == build_of("checkout", "v1")
    undone = [each.undo.method for each in outcome.undone]
    assert undone.index("restore_flag") < undone.index("withdraw_version")


async def test_a_flag_that_somebody_changed_is_left_and_traffic_goes_back_all_the_same(
    start, world, v1
):
    theirs = a_flag(KEY, "on", set_by="theirs")
    started = await start(order())
    await at_half(started, world)
    world.flags.put(CHECKOUT, theirs)

    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    status = await started.until_phase(Phase.ROLLBACK_INCOMPLETE)

    assert "theirs changed the flag" in status.reason
    assert world.flags.flag(CHECKOUT, KEY) == theirs
    assert world.route(CHECKOUT).stable == build_of("checkout", "v1")
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_flag_that_somebody_turned_off_in_an_emergency_leaves_nothing_to_settle(
    start, world, v1
):
    started = await start(order())
    await at_half(started, world)
    world.flags.put(CHECKOUT, a_flag(KEY))

    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "somebody, not a release, changed the flag" in outcome.reason
    assert world.flags.flag(CHECKOUT, KEY) == a_flag(KEY)


async def test_a_flag_that_somebody_changes_after_its_last_step_is_told_and_left(start, world, v1):
    theirs = a_flag(KEY, "off", set_by="theirs")
    steps = (*STEPS[:2], {"pause": {}}, {"setWeight": 100})
    release = a_release({**a_service("checkout"), "flags": [FLAG]})
    started = await start(an_order(release, a_catalog(steps=steps)))
    await at_half(started, world)
    world.flags.put(CHECKOUT, theirs)

    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))

    assert (await started.result()).phase == Phase.HEALTHY
    assert world.flags.flag(CHECKOUT, KEY) == theirs
    ((told,),) = ((view.drift) for view in (await started.status()).targets)
    assert told.startswith("theirs changed the flag")
    (entry,) = (e for e in world.recorded(started.handle.id) if e.action == "drift")
    assert entry.detail == told


async def test_a_stuck_flag_never_keeps_traffic_on_a_version_that_is_taken_back(start, world, v1):
    started = await start(order())
    await at_half(started, world)
    world.flags.stuck.add(KEY)

    await started.handle.signal(ReleaseWorkflow.abort, Command(by="ana"))
    status = await started.until_phase(Phase.ROLLBACK_INCOMPLETE)

    (left,) = status.rollback.differences
    assert left.undo.subject == f"flag {KEY} of {CHECKOUT}"
    assert world.route(CHECKOUT).stable == build_of("checkout", "v1")
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}
    world.flags.stuck.clear()
    await started.handle.signal(ReleaseWorkflow.retry, Command(by="ana"))
    assert (await started.result()).phase == Phase.CANCELLED
    assert world.flags.flag(CHECKOUT, KEY) == a_flag(KEY)


async def test_the_first_version_of_a_service_has_its_flags_as_after_the_last_step(start, world):
    world.flags.put(CHECKOUT, a_flag(KEY))

    outcome = await (await start(order())).result()

    assert outcome.phase == Phase.HEALTHY
    flag = world.flags.flag(CHECKOUT, KEY)
    assert [flag.served_to(arm) for arm in ARMS] == ["on", "on"]
    assert len([ask for ask in world.flags.asks if isinstance(ask, SetFlag)]) == 1


async def test_the_flags_of_a_first_version_that_turns_back_are_as_before(start, world):
    world.flags.put(CHECKOUT, a_flag(KEY))
    world.deploy.tampered.add(build_of("checkout", "v2"))

    outcome = await (await start(order())).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert [ask for ask in world.flags.asks if isinstance(ask, SetFlag)]
    assert world.flags.flag(CHECKOUT, KEY) == a_flag(KEY)
    assert world.route(CHECKOUT).stable is None
