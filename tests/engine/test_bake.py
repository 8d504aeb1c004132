"""The bake after 100 %: the old version runs on, and the new one keeps its limits or goes back."""

import pytest

from tests.builders import a_catalog, an_order, build_of
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.metrics import WatchCanary

CHECKOUT = Target(service="checkout", environment="production")
OLD, NEW = (build_of("checkout", version) for version in ("v1", "v2"))
ERRORS = {"name": "errors", "type": "errorRatio", "above": 0.05, "for": "2m"}
BAKE = {"bake": {"templates": [{"templateName": "golden"}], "duration": "30m"}}
BAKED = ({"setWeight": 10}, {"setWeight": 100}, BAKE)


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


def watches(world) -> list[WatchCanary]:
    return [ask for ask in world.metrics.asks if isinstance(ask, WatchCanary)]


async def in_bake(started):
    """All of the traffic is on the new version, and it is watched on."""
    return await started.until(lambda s: s.targets and s.targets[0].doing.startswith("bake"))


async def test_a_version_that_keeps_its_limits_is_baked_and_kept(start, world):
    catalog = a_catalog(steps=BAKED, thresholds=(ERRORS,))

    started = await start(an_order(catalog=catalog))

    assert (await started.result()).phase == Phase.HEALTHY
    (bake,) = watches(world)
    assert (bake.baseline, bake.stage) == (None, "in the bake")
    assert "no threshold crossed" in (await started.status()).targets[0].verdict.reason


async def test_the_old_version_runs_on_while_the_new_one_is_baked(start, world):
    world.metrics.still = True
    started = await start(an_order(catalog=a_catalog(steps=BAKED, thresholds=(ERRORS,))))

    await in_bake(started)

    assert world.route(CHECKOUT).stable == NEW
    assert world.running(CHECKOUT) == {OLD, NEW}
    world.metrics.still = False
    await started.result()
    assert world.running(CHECKOUT) == {NEW}


async def test_a_threshold_that_is_crossed_after_100_percent_takes_everything_back(start, world):
    world.metrics.still = True
    started = await start(an_order(catalog=a_catalog(steps=BAKED, thresholds=(ERRORS,))))
    await in_bake(started)

    world.metrics.error_ratio[CHECKOUT] = 0.2
    world.metrics.still = False
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "threshold errors" in outcome.reason
    assert (world.route(CHECKOUT).stable, world.route(CHECKOUT).whole) == (OLD, True)
    assert world.running(CHECKOUT) == {OLD}


async def test_a_bake_without_traffic_is_held_and_never_taken_for_a_good_one(start, world):
    world.metrics.silent.add(CHECKOUT)
    started = await start(an_order(catalog=a_catalog(steps=BAKED, hold_for="1h")))

    status = await started.until_phase(Phase.HOLDING)
    assert "noData" in status.blocked_by[0].reason
    assert world.running(CHECKOUT) == {OLD, NEW}

    world.metrics.silent.clear()
    assert (await started.result()).phase == Phase.HEALTHY
