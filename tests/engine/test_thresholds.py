"""Limits of a service's own: they end a stage and a bake, whatever the version beside it does."""

import pytest

from tests.builders import CANARY, a_catalog, an_order, analysis, build_of
from workflows.domain.canary.verdict import Word
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target

CHECKOUT = Target(service="checkout", environment="production")
OLD, NEW = (build_of("checkout", version) for version in ("v1", "v2"))
ERRORS = {"name": "errors", "type": "errorRatio", "above": 0.05, "for": "2m"}
SLOW = {"name": "p90", "type": "latencyQuantile", "quantile": 0.9, "above": 90, "for": "2m"}
BAKE = {"bake": {"templates": [{"templateName": "golden"}], "duration": "30m"}}
BAKED = ({"setWeight": 10}, {"setWeight": 100}, BAKE)


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


async def test_a_threshold_of_the_service_turns_back_a_canary_no_worse_than_its_baseline(
    start, world
):
    world.metrics.baseline_errors[CHECKOUT] = world.metrics.error_ratio[CHECKOUT] = 0.08
    catalog = a_catalog(service={"thresholds": [ERRORS]})

    outcome = await (await start(an_order(catalog=catalog))).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "threshold errors: 8 % above 5 %" in outcome.reason
    assert world.route(CHECKOUT).stable == OLD


async def test_a_threshold_of_the_template_ends_a_stage_as_well(start, world):
    world.metrics.slow.add(CHECKOUT)
    catalog = a_catalog(thresholds=(SLOW,))

    started = await start(an_order(catalog=catalog))
    outcome = await started.result()

    assert "threshold p90" in outcome.reason
    (view,) = (await started.status()).targets
    assert view.verdict.word is Word.FAIL
    assert view.exposure.weight_asked == 0


@pytest.mark.parametrize(
    ("steps", "at"),
    [
        (({"setWeight": 10}, {"pause": {}}, {"setWeight": 100}), 10),
        ((*CANARY[:2], analysis("8h"), {"setWeight": 100}), 10),
        ((*BAKED[:-1], {"bake": {**BAKE["bake"], "duration": "8h"}}), 100),
    ],
    ids=["in-a-pause", "in-a-stage", "in-the-bake"],
)
async def test_failing_health_checks_turn_back_wherever_the_climb_is(start, world, steps, at):
    health = {"health": {"every": "1s", "failures": 3}}
    started = await start(an_order(catalog=a_catalog(steps=steps, service=health)))
    await started.until(lambda s: s.exposure.weight_asked == at)

    world.deploy.unhealthy.add(NEW)
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "3 failed health checks in a row" in outcome.reason
    assert world.running(CHECKOUT) == {OLD}


async def test_a_platform_that_does_not_answer_fails_no_health_check(start, world):
    steps = ({"setWeight": 10}, {"pause": {}}, {"setWeight": 100})
    health = {"health": {"every": "1s", "failures": 1}}
    started = await start(an_order(catalog=a_catalog(steps=steps, service=health)))
    await started.until_phase(Phase.HOLDING)

    world.deploy.silent.add(NEW)
    looked = len(world.deploy.looked)
    await started.until(lambda _: len(world.deploy.looked) > looked + 3)

    assert (await started.status()).phase == Phase.HOLDING
    await started.handle.signal("promote")
    assert (await started.result()).phase == Phase.HEALTHY


async def test_thresholds_of_a_service_are_kept_while_its_ladder_waits(start, world, v1):
    """A pause at a weight is traffic as well; nobody has to notice by hand."""
    catalog = a_catalog(steps=({"setWeight": 10}, {"pause": {}}, {"setWeight": 100}))
    catalog["services"]["checkout"]["thresholds"] = [
        {"name": "errors", "type": "errorRatio", "above": 0.2, "for": "1m"}
    ]
    world.metrics.error_ratio[CHECKOUT] = 0.5

    outcome = await (await start(an_order(catalog=catalog))).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "threshold errors" in outcome.reason
