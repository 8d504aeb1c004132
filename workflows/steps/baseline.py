"""What every target serves before a release touches it; a target that is not at rest refuses."""

from workflows.domain.errors import Refused
from workflows.domain.plan import Promotion
from workflows.domain.values import Artifact, short
from workflows.ports.deploy import DeployPort, ObserveDeployment
from workflows.ports.traffic import ObserveRoute, TrafficPort
from workflows.steps.call import call


async def baseline_of(promotion: Promotion) -> Artifact | None:
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
    return Artifact(service=target.service, version=instance.version, digest=instance.digest)
