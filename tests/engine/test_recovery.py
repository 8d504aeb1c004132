"""Going back is believed only when the old version is healthy before, and serves well after."""

import pytest

from tests.builders import CANARY, a_catalog, an_order, analysis, build_of
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.metrics import VerifyRecovery
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
OLD, NEW = (build_of("checkout", version) for version in ("v1", "v2"))
LONG = (*CANARY[:2], analysis("8h"), *CANARY[3:])
ANA = Command(by="ana", reason="no")


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


@pytest.fixture
async def shifting(start):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)
    return started


async def test_traffic_does_not_go_back_to_a_version_that_is_not_healthy(shifting, world):
    world.deploy.unhealthy.add(OLD)
    await shifting.handle.signal(ReleaseWorkflow.rollback, ANA)

    status = await shifting.until_phase(Phase.ROLLBACK_INCOMPLETE)

    first, *rest = status.rollback.differences
    assert first.undo.method == "ensure_healthy"
    assert "is not healthy, so no traffic goes back to it" in first.failure
    assert all(undone.failure.startswith("not tried") for undone in rest if undone.failure)
    assert world.route(CHECKOUT).canary == NEW
    assert NEW in world.running(CHECKOUT)

    world.deploy.unhealthy.clear()
    await shifting.handle.signal(ReleaseWorkflow.retry, ANA)
    assert (await shifting.result()).phase == Phase.ROLLED_BACK
    assert world.route(CHECKOUT).stable == OLD


async def test_a_platform_that_does_not_say_how_the_old_version_is_keeps_nothing(shifting, world):
    world.deploy.silent.add(OLD)

    await shifting.handle.signal(ReleaseWorkflow.rollback, ANA)
    outcome = await shifting.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert world.route(CHECKOUT).stable == OLD
    assert any("not known: the platform does not answer" in left for left in outcome.leftovers)


async def test_a_rollback_is_verified_on_metrics_after_all_is_put_back(shifting, world):
    await shifting.handle.signal(ReleaseWorkflow.rollback, ANA)
    outcome = await shifting.result()

    assert outcome.undone[-1].undo.method == "verify_recovery"
    assert outcome.leftovers == ()
    (ask,) = (ask for ask in world.metrics.asks if isinstance(ask, VerifyRecovery))
    assert ask.version == OLD
    (entry,) = (e for e in world.recorded(shifting.handle.id) if e.action == "verify_recovery")
    assert entry.detail.startswith("recovered: 0 of 4500 requests failed")


@pytest.mark.parametrize("word", ["retry", "confirmRepaired"])
async def test_a_target_that_still_fails_is_not_called_rolled_back(shifting, world, word):
    world.metrics.baseline_errors[CHECKOUT] = 0.5
    await shifting.handle.signal(ReleaseWorkflow.rollback, ANA)

    status = await shifting.until_phase(Phase.ROLLBACK_INCOMPLETE)
    (left,) = status.rollback.differences
    assert left.failure.startswith("NotRecovered")
    assert world.route(CHECKOUT).stable == OLD

    if word == "retry":
        world.metrics.baseline_errors.clear()
    await shifting.handle.signal(word, ANA)
    assert (await shifting.result()).phase == Phase.ROLLED_BACK


@pytest.mark.parametrize("broken", ["down", "silent"])
async def test_what_cannot_be_verified_blocks_nothing_and_is_said(shifting, world, broken):
    if broken == "down":
        world.metrics.down = True
    else:
        world.metrics.silent.add(CHECKOUT)

    await shifting.handle.signal(ReleaseWorkflow.rollback, ANA)
    outcome = await shifting.result()

    assert outcome.phase == Phase.ROLLED_BACK
    (left,) = outcome.leftovers
    assert "unverified" in left
    assert left in (await shifting.status()).leftovers
    assert world.running(CHECKOUT) == {OLD}


async def test_who_never_had_the_new_version_need_not_recover(start, world):
    world.deploy.unhealthy.add(NEW)

    outcome = await (await start()).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert not [ask for ask in world.metrics.asks if isinstance(ask, VerifyRecovery)]
