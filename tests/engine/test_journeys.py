"""Synthetic journeys in a release: before users see the canary, and again until 100 %."""

import pytest

from tests.builders import CANARY, a_catalog, an_order, build_of
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.traffic import ShiftTraffic

CHECKOUT = Target(service="checkout", environment="production")
OLD = build_of("checkout", "v1")
BUY = {"service": "checkout", "steps": [{"name": "look", "request": {"path": "/cart"}}]}
ONCE = {"synthetic": {"journeys": ["buy"]}}
AGAIN = {"synthetic": {"journeys": ["buy"], "every": "1s"}}


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


def order(*steps):
    catalog = a_catalog(steps=(CANARY[0], *steps, {"setWeight": 100}))
    return an_order(catalog={**catalog, "journeys": {"buy": BUY}})


def weights(world):
    return [ask.percent for ask in world.traffic.asks if isinstance(ask, ShiftTraffic)]


async def test_a_journey_that_fails_on_the_canary_alone_turns_back_before_any_weight(start, world):
    world.journeys.failing.add(CHECKOUT)

    outcome = await (await start(order(ONCE, {"setWeight": 10}))).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "journey buy" in outcome.reason
    assert weights(world) == [0]
    assert world.running(CHECKOUT) == {OLD}


@pytest.mark.parametrize("why", ["both", "cannot be reached"])
async def test_what_proves_nothing_about_the_canary_is_told_and_goes_on(start, world, why):
    world.journeys.failing.add(CHECKOUT)
    world.journeys.failing_baseline.add(CHECKOUT)
    world.journeys.down = why == "cannot be reached"

    started = await start(order(ONCE, {"pause": {}}, {"setWeight": 10}))
    await started.until_phase(Phase.HOLDING)
    await started.handle.signal("promote")

    assert (await started.result()).phase == Phase.HEALTHY
    (told,) = (e for e in world.recorded(started.handle.id) if e.action == "run_journey")
    assert why in told.detail


async def test_a_journey_goes_to_the_canary_by_the_header_of_its_route(start, world):
    assert (await (await start(order(ONCE))).result()).phase == Phase.HEALTHY

    (ask,) = world.journeys.asks
    assert (ask.header.header, ask.header.value) == ("x-canary", "1")
    assert ask.canary_version == "v2"


async def test_journeys_are_tried_again_until_all_traffic_is_on_the_new_version(start, world):
    started = await start(order(AGAIN, {"setWeight": 10}, {"pause": {}}))
    await started.until(lambda _: len(world.journeys.asks) >= 3)

    await started.handle.signal("promote")

    assert (await started.result()).phase == Phase.HEALTHY


async def test_a_journey_that_breaks_in_the_middle_of_a_climb_turns_back(start, world):
    started = await start(order(AGAIN, {"setWeight": 10}, {"pause": {}}))
    await started.until_phase(Phase.HOLDING)

    world.journeys.failing.add(CHECKOUT)
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "journey buy" in outcome.reason
    assert world.route(CHECKOUT).stable == OLD
