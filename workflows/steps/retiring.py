"""Removing a version that gave way, unless somebody has put it back to work meanwhile."""

from workflows.domain.errors import ReleaseError
from workflows.domain.release.plan import Promotion
from workflows.domain.values import Artifact
from workflows.ports.deploy import DeployPort, RemoveVersion
from workflows.ports.traffic import ObserveRoute, TrafficPort
from workflows.steps.call import call, try_call
from workflows.steps.trail import Trail


async def retire(promotion: Promotion, old: Artifact, *, trail: Trail) -> str | None:
    """Remove *old*; what is left over, in words, or None.

    Later stages may take days, in which another release can have gone back to *old*: removing
    it then would end what serves the target.
    """
    target, systems = promotion.target, promotion.systems
    ask = RemoveVersion(target=target, platform=systems.platform, digest=old.digest)
    try:
        route = await call(
            TrafficPort.observe_route, ObserveRoute(target=target, router=systems.router)
        )
    except ReleaseError as error:
        return f"{ask}: not tried: {error.kind}: {error}"
    if old.digest in route.digests:
        return f"{ask}: not tried: it serves again, which {route.release} has set: {route}"
    return await try_call(DeployPort.remove_version, ask, trail=trail)
