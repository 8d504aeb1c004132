"""Changing a canary's share: as much as the harm budget allows, and believed when read back."""

from datetime import timedelta

from temporalio import workflow

from workflows.domain.canary.harm import expected_detection, heaviest
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.values import Percent
from workflows.ports.traffic import ShiftTraffic, TrafficPort
from workflows.steps.ascent import Ascent
from workflows.steps.call import call


async def shift(ascent: Ascent, percent: Percent) -> None:
    """Set the weight and believe what the router reads back; 100 % leaves one version.

    Not before the record has what led to it; the shift itself is recorded while it is watched.
    """
    await ascent.tale.recorded()
    new, whole = ascent.canary, percent == 100
    ascent.percent = percent
    route = await call(
        TrafficPort.shift_traffic,
        ShiftTraffic(
            target=ascent.target,
            router=ascent.promotion.systems.router,
            stable=new if whole else ascent.baseline,
            canary=None if whole else new,
            percent=0 if whole else percent,
            header=None if whole else ascent.header,
            affinity=None if whole else ascent.promotion.affinity,
            mirror=0 if percent else ascent.mirror,
            replaces=ascent.baseline if whole else None,
            release=ascent.order.release,
        ),
        trail=ascent.tale.trail,
    )
    await ascent.tale.tell(route=route, weight=percent)
    ascent.tale.record()
    if route.settles_after > timedelta(0):
        # What some clients still remember is no share of this weight: the step's clock waits.
        summary = f"until every client knows of {percent}%"
        await workflow.sleep(route.settles_after, summary=summary)


async def route_header(ascent: Ascent, header: HeaderRoute) -> None:
    """Send marked requests to the canary; its weight stays."""
    ascent.header = header
    await shift(ascent, ascent.percent)


async def mirror(ascent: Ascent, percent: Percent) -> None:
    """Copy so much of the traffic to the canary, until the next weight."""
    ascent.mirror = percent
    await shift(ascent, ascent.percent)


def allowed(ascent: Ascent, wanted: Percent) -> Percent:
    """*wanted*, or as much of it as the harm budget allows before more has been seen."""
    interval = min(
        (s.watched.interval.total_seconds() for s in ascent.promotion.steps if s.watched),
        default=0.0,
    )
    most = heaviest(
        ascent.budget,
        spent=ascent.spent,
        served=ascent.served,
        rps=ascent.traffic.rps,
        detects_after=expected_detection(interval=interval, settles=interval),
    )
    return min(wanted, most)
