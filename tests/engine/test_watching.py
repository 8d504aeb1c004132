"""Watching a canary stage by stage: what turns it back, what holds it, what lets it go on."""

import pytest

from tests.builders import CANARY, ERROR_RATE, a_catalog, an_order, analysis, build_of
from workflows.domain.canary.verdict import Word
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.metrics import PlanStage, WatchCanary
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
ANA = Command(by="ana", reason="lunch")
LATENCY = {
    "name": "latency-p99",
    "type": "latencyQuantile",
    "quantile": 0.99,
    "compare": {"tolerance": 0.05, "margin": 0.5},
}
CONVERSION = {
    "name": "conversion",
    "type": "ratio",
    "numerator": {"series": "orders_total"},
    "denominator": {"series": "visits_total"},
    "direction": "decrease",
    "compare": {"tolerance": 0.01, "margin": 0.1},
}
ALL = (ERROR_RATE, LATENCY, CONVERSION)
HALF_AN_HOUR = 1800.0


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


def watches(world) -> list[WatchCanary]:
    return [ask for ask in world.metrics.asks if isinstance(ask, WatchCanary)]


def one_stage(*steps, **more):
    """A catalog whose canary has *steps* between 10 % and all."""
    return a_catalog(steps=({"setWeight": 10}, *steps, {"setWeight": 100}), **more)


async def test_a_slow_canary_is_turned_back_by_its_latency(start, world):
    world.metrics.slow.add(CHECKOUT)

    started = await start(an_order(catalog=a_catalog(metrics=ALL)))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "latency-p99" in outcome.reason
    status = await started.status()
    assert status.targets[0].verdict.word is Word.FAIL
    assert status.targets[0].verdict.deciding == "latency-p99"
    assert {metric.name for metric in status.analysis} == {m["name"] for m in ALL}


async def test_a_canary_that_sells_less_is_turned_back_by_its_business_figure(start, world):
    world.metrics.figures[CHECKOUT] = {"orders_total": 0.85}

    started = await start(an_order(catalog=a_catalog(metrics=ALL)))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "conversion" in outcome.reason
    (view,) = (await started.status()).targets
    assert view.verdict.deciding == "conversion"
    assert view.exposure.requests > 0
    assert view.exposure.failed == 0


async def test_the_status_says_how_many_users_met_a_failing_canary(start, world):
    world.metrics.error_ratio[CHECKOUT] = 0.4

    started = await start()
    outcome = await started.result()

    exposure = (await started.status()).exposure
    assert exposure.requests > exposure.failed > 0
    assert exposure.weight_measured == 10
    assert (await started.status()).harm.failed_requests == exposure.failed
    assert outcome.exposure == exposure


@pytest.mark.parametrize(("broken", "word"), [("silent", "noData"), ("down", "providerError")])
async def test_what_is_not_known_turns_back_where_the_template_says_so(start, world, broken, word):
    actions = {"noData": "rollback", "providerError": "rollback"}
    if broken == "silent":
        world.metrics.silent.add(CHECKOUT)
    else:
        world.metrics.down = True

    outcome = await (await start(an_order(catalog=a_catalog(actions=actions)))).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert word in outcome.reason
    assert len(watches(world)) == 1


async def test_a_provider_that_comes_back_lets_it_pass_after_a_whole_stage(start, world):
    world.metrics.down = True
    started = await start(an_order(catalog=one_stage(analysis(), hold_for="1h")))
    status = await started.until_phase(Phase.HOLDING)
    assert "providerError" in status.blocked_by[0].reason

    world.metrics.down = False

    assert (await started.result()).phase == Phase.HEALTHY
    assert watches(world)[-1].rules.judge.horizon == HALF_AN_HOUR


async def test_a_hold_that_is_shorter_than_a_stage_passes_only_after_a_whole_one(start, world):
    world.metrics.down = True
    actions = {"inconclusive": "hold"}
    catalog = one_stage(analysis(), hold_for="10m", actions=actions)
    started = await start(an_order(catalog=catalog))
    await started.until_phase(Phase.HOLDING)

    world.metrics.down = False

    assert (await started.result()).phase == Phase.HEALTHY
    assert watches(world)[-1].rules.judge.horizon == HALF_AN_HOUR


async def test_what_cannot_conclude_is_watched_again_up_to_its_longest_time_then_held(
    start, world
):
    world.metrics.requests_per_look = 20
    step = analysis("30m", maxDuration="1h30m")
    started = await start(an_order(catalog=one_stage(step, hold_for="1h")))

    status = await started.until_phase(Phase.HOLDING)

    assert "inconclusive" in status.blocked_by[0].reason
    assert status.exposure.weight_asked == 10
    assert len(watches(world)) >= 3
    assert [ask.rules.judge.horizon for ask in watches(world)[:3]] == [HALF_AN_HOUR] * 3
    assert [ask.watch for ask in watches(world)[:3]] == [1, 2, 3]


async def test_evidence_is_carried_from_stage_to_stage(start, world):
    assert (await (await start()).result()).phase == Phase.HEALTHY

    first, second = watches(world)
    assert first.carried is None
    assert second.carried.evidence.canary_requests > 0
    assert second.carried.evidence.at == HALF_AN_HOUR


async def test_a_stage_passes_early_once_safety_is_shown_and_its_least_time_is_over(start, world):
    world.metrics.baseline_errors[CHECKOUT] = world.metrics.error_ratio[CHECKOUT] = 0.02
    step = analysis("6h", minDuration="20m")

    started = await start(an_order(catalog=one_stage(step)))

    assert (await started.result()).phase == Phase.HEALTHY
    (view,) = (await started.status()).targets
    assert view.verdict.word is Word.PASS
    assert 20 * 60 <= view.verdict.at < 6 * 3600


async def test_a_stage_without_a_duration_lasts_as_long_as_the_traffic_needs(start, world):
    world.metrics.baseline_errors[CHECKOUT] = world.metrics.error_ratio[CHECKOUT] = 0.02
    world.metrics.still = True
    started = await start(an_order(catalog=one_stage(analysis("auto"))))

    status = await started.until(lambda s: s.targets and s.targets[0].doing.startswith("watch: "))

    (plan,) = (ask for ask in world.metrics.asks if isinstance(ask, PlanStage))
    assert plan.traffic.rps > 0
    planned = world.metrics.plan_stage(plan)
    assert status.targets[0].doing == f"watch: {planned.reason}"
    assert watches(world)[-1].rules.judge.horizon == planned.seconds
    world.metrics.still = False
    assert (await started.result()).phase == Phase.HEALTHY


async def test_a_stage_of_unknown_traffic_lasts_no_longer_than_its_cap(start, world):
    world.metrics.down = world.metrics.still = True
    step = analysis("auto", maxDuration="10m")
    started = await start(an_order(catalog=one_stage(step)))

    await started.until(lambda _: bool(watches(world)))

    assert watches(world)[0].rules.judge.horizon == 600
    world.metrics.down = world.metrics.still = False
    assert (await started.result()).phase == Phase.HEALTHY


async def test_who_holds_it_is_on_the_page_while_the_watch_goes_on(start, world):
    started = await start(an_order(catalog=one_stage(analysis("8h"))))
    await started.until(lambda _: bool(watches(world)))

    await started.handle.signal(ReleaseWorkflow.hold, ANA)
    status = await started.until_phase(Phase.HOLDING)
    assert [(b.gate, b.reason) for b in status.blocked_by] == [("hold", f"held {ANA}")]

    await started.handle.signal(ReleaseWorkflow.resume, ANA)
    status = await started.until_phase(Phase.PROGRESSING)
    assert status.blocked_by == ()
    assert len(watches(world)) == 1


async def test_a_word_to_go_on_ends_a_watch_and_is_recorded_as_an_override(start, world):
    steps = (analysis("8h"), {"setWeight": 50}, {"pause": {}})
    started = await start(an_order(catalog=one_stage(*steps)))
    await started.until(lambda _: bool(watches(world)))

    await started.handle.signal(ReleaseWorkflow.promote, ANA)

    # A word that comes before the pause begins is not about it.
    await started.until(lambda s: s.exposure.weight_asked == 50 and s.phase is Phase.HOLDING)
    await started.handle.signal(ReleaseWorkflow.promote, ANA)
    assert (await started.result()).phase == Phase.HEALTHY
    overrides = [e for e in world.recorded(started.handle.id) if e.action == "override"]
    assert "noData" in overrides[0].sentence
    assert (overrides[0].actor, overrides[0].detail) == ("ana", "lunch")


async def test_a_held_canary_that_does_harm_is_turned_back_all_the_same(start, world):
    world.metrics.still = True
    started = await start()
    await started.until(lambda _: bool(watches(world)))
    await started.handle.signal(ReleaseWorkflow.hold, ANA)
    await started.until_phase(Phase.HOLDING)

    world.metrics.error_ratio[CHECKOUT] = 0.4
    world.metrics.still = False

    assert (await started.result()).phase == Phase.ROLLED_BACK
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_the_watch_of_each_stage_says_what_share_it_expects(start, world):
    await (await start(an_order(catalog=a_catalog(steps=CANARY)))).result()

    assert [ask.rules.share.percent for ask in watches(world)] == [10, 50]
    assert [ask.stage for ask in watches(world)] == ["at 10%", "at 50%"]
