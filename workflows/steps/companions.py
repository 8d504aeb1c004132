"""What goes on beside the steps of a climb, from the first of them to the last."""

from temporalio import workflow

from workflows.domain.errors import VersionUnhealthy
from workflows.ports.alerts import AlertsPort, BeginSilences, HoldSilences
from workflows.ports.deploy import DeployPort, WatchHealth
from workflows.steps.ascent import Ascent
from workflows.steps.call import call, try_call
from workflows.steps.journeys import try_all


async def watch_health(ascent: Ascent) -> None:
    """Look at the new version's health until it fails, or nobody needs to know any more.

    Raises:
        VersionUnhealthy: it failed as many health checks in a row as the catalog allows.
    """
    promotion = ascent.promotion
    if promotion.health is None:
        return
    health = await call(
        DeployPort.watch_health,
        WatchHealth(
            target=promotion.target,
            platform=promotion.systems.platform,
            digest=ascent.canary,
            every=promotion.health.every,
            failures=promotion.health.failures,
        ),
        trail=ascent.tale.trail,
    )
    raise VersionUnhealthy(f"{promotion.target}: {health.reason}")


async def begin_silences(ascent: Ascent) -> None:
    """Silence before anything is shifted; for no longer than a moment, unless it is then held.

    Without silences more people hear of a shift than need to, which is no reason to end it.
    """
    masking = ascent.promotion.masking
    if masking is None:
        return
    ask = BeginSilences(target=ascent.target, masking=masking, release=ascent.order.release)
    await try_call(AlertsPort.begin_silences, ask, trail=ascent.tale.trail)


async def hold_silences(ascent: Ascent) -> None:
    """Keep expected alerts of the new version quiet, and look at what that masks."""
    masking = ascent.promotion.masking
    if masking is None:
        return
    ask = HoldSilences(target=ascent.target, masking=masking, release=ascent.order.release)
    await try_call(AlertsPort.hold_silences, ask, trail=ascent.tale.trail)


async def repeat_journeys(ascent: Ascent) -> None:
    """Once a step has set journeys to repeat, run them again and again to the last weight.

    Raises:
        CanaryUnhealthy: a journey fails on the canary alone.
    """
    await workflow.wait_condition(lambda: ascent.repeats is not None or ascent.percent == 100)
    while (repeats := ascent.repeats) is not None and ascent.percent < 100:
        try:
            await workflow.wait_condition(
                lambda: ascent.percent == 100,
                timeout=repeats.every,
                timeout_summary=f"until the journeys are tried again at {ascent.percent}%",
            )
        except TimeoutError:
            await try_all(ascent, repeats.journeys)
