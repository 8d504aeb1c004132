"""A weight counts only when it is measured: routers that lie, that are honest, that take time."""

from datetime import timedelta

import pytest

from tests.builders import CANARY, a_catalog, an_order, analysis, build_of
from workflows.domain.release.phase import Phase
from workflows.domain.values import Provider, Target
from workflows.ports.metrics import WatchCanary

CHECKOUT = Target(service="checkout", environment="production")
OLD = build_of("checkout", "v1")
PLAIN = CANARY[1:]
MOMENT = timedelta(milliseconds=300)


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


@pytest.mark.parametrize(("share", "told"), [(0.0, "0%"), (0.4, "40%")])
async def test_a_router_that_sends_another_share_is_caught_and_turned_back(
    start, world, share, told
):
    world.metrics.lies[CHECKOUT] = share

    started = await start(an_order(catalog=a_catalog(steps=PLAIN)))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "the router does not serve its weight: asked for 10%" in outcome.reason
    assert told in outcome.reason
    ends = [e for e in world.recorded(started.handle.id) if e.action == "turn_back"]
    assert [entry.outcome for entry in ends] == ["ShareNotServed"]
    assert world.running(CHECKOUT) == {OLD}


async def test_an_honest_router_is_believed_and_its_measured_share_is_shown(start, world):
    world.metrics.still = True
    started = await start(an_order(catalog=a_catalog(steps=PLAIN)))
    await started.until(lambda s: s.exposure.weight_asked == 10)

    world.metrics.still = False

    assert (await started.result()).phase == Phase.HEALTHY
    assert (await started.status()).exposure.weight_measured == 50


async def test_a_stage_begins_only_when_every_client_knows_of_its_weight(start, world):
    router = world.traffic.router(Provider(type="fake", connection="production"))
    router.settling = timedelta(hours=1)
    started = await start(an_order(catalog=a_catalog(steps=PLAIN)))

    await started.until(lambda s: s.exposure.weight_asked == 10)
    held = await started.until(lambda s: s.targets[0].doing == "10%")

    assert held.phase == Phase.PROGRESSING
    assert not [ask for ask in world.metrics.asks if isinstance(ask, WatchCanary)]
    router.settling = timedelta(0)
    await started.handle.signal("abort")
    assert (await started.result()).phase == Phase.CANCELLED


async def test_a_version_is_removed_only_when_no_client_is_sent_to_it_any_more(start, world):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    router = world.traffic.router(Provider(type="fake", connection="production"))
    router.settling = MOMENT

    started = await start(an_order(catalog=a_catalog(steps=PLAIN)))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    entries = world.recorded(started.handle.id)
    withdrawn, removed = (
        next(entry.at for entry in entries if entry.action == action)
        for action in ("withdraw_version", "remove_version")
    )
    assert removed - withdrawn >= MOMENT


async def test_a_word_to_stop_does_not_wait_until_every_client_knows(start, world):
    router = world.traffic.router(Provider(type="fake", connection="production"))
    router.settling = timedelta(hours=1)
    steps = ({"setWeight": 10}, analysis("30m"), {"setWeight": 100})
    started = await start(an_order(catalog=a_catalog(steps=steps)))
    await started.until(lambda s: s.exposure.weight_asked == 10)
    router.settling = timedelta(0)

    await started.handle.signal("rollback")

    assert (await started.result()).phase == Phase.ROLLED_BACK
    assert world.route(CHECKOUT).stable == OLD
