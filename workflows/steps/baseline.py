"""What every target serves before a release touches it; a target that is not at rest refuses."""

from dataclasses import dataclass
from datetime import timedelta

from workflows.domain.canary.traffic import Traffic
from workflows.domain.errors import Diverged, Refused
from workflows.domain.release.plan import Promotion
from workflows.domain.values import Artifact, short
from workflows.ports.deploy import DeployPort, ObserveDeployment
from workflows.ports.metrics import MeasureTraffic, MetricsPort
from workflows.ports.traffic import ObserveRoute, TrafficPort
from workflows.steps.call import call

_LATELY = timedelta(minutes=10)


@dataclass(frozen=True)
class Baseline:
    """The version that served all traffic, and the release that had set the route to it."""

    artifact: Artifact
    set_by: str | None

    def __str__(self) -> str:
        by = f", which {self.set_by} had set" if self.set_by else ""
        return f"{self.artifact}{by}"


async def baseline_of(promotion: Promotion) -> Baseline | None:
    """The version that serves all traffic of the promotion's target, or None where none does.

    Raises:
        Refused: another release moves the target's traffic, or the version that is served does
            not run on the platform, so that turning back to it could not work.
    """
    target = promotion.target
    route = await call(
        TrafficPort.observe_route, ObserveRoute(target=target, router=promotion.systems.router)
    )
    if not route.whole:
        raise Refused(f"{target} is being released by {route.release}: {route}")
    if route.stable is None:
        return None
    deployment = await call(
        DeployPort.observe_deployment,
        ObserveDeployment(target=target, platform=promotion.systems.platform),
    )
    if (instance := deployment.running(route.stable)) is None:
        raise Refused(
            f"{target} routes its traffic to {short(route.stable)}, which the platform does not "
            "run: a rollback would have nothing to go back to"
        )
    served = Artifact(service=target.service, version=instance.version, digest=instance.digest)
    return Baseline(served, set_by=route.release)


async def baseline_still(promotion: Promotion, admitted: Baseline | None) -> Baseline | None:
    """What the target serves now, after gates that may have been open for days.

    Raises:
        Diverged: that is another version than *admitted*, which the release was planned on.
        Refused: the target is not at rest; see `baseline_of`.
    """
    found = await baseline_of(promotion)
    if (found and found.artifact.digest) != (admitted and admitted.artifact.digest):
        raise Diverged(
            f"{promotion.target} served {admitted or 'nothing'} when the release was admitted, "
            f"and serves {found or 'nothing'} now; start the release again if it is still wanted"
        )
    return found


async def traffic_of(promotion: Promotion, baseline: Baseline | None) -> Traffic | None:
    """What the target has served lately, and how well; None where nothing will be compared."""
    if baseline is None or not promotion.measures:
        return None
    return await call(
        MetricsPort.measure_traffic,
        MeasureTraffic(
            target=promotion.target,
            source=promotion.systems.metrics,
            version=baseline.artifact.digest,
            measures=promotion.measures,
            over=_LATELY,
        ),
    )
