"""Watching that the new version stays healthy, beside everything else."""

from workflows.domain.errors import VersionUnhealthy
from workflows.domain.plan import Promotion
from workflows.ports.deploy import DeployPort, WatchHealth
from workflows.steps.call import call
from workflows.steps.tale import PromotionTale


async def watch_health(promotion: Promotion, tale: PromotionTale) -> None:
    """Look at the new version's health until it fails, or nobody needs to know any more.

    Raises:
        VersionUnhealthy: it failed as many health checks in a row as the catalog allows.
    """
    if promotion.health is None:
        return
    health = await call(
        DeployPort.watch_health,
        WatchHealth(
            target=promotion.target,
            platform=promotion.systems.platform,
            digest=promotion.artifact.digest,
            every=promotion.health.every,
            failures=promotion.health.failures,
        ),
        trail=tale.trail,
    )
    raise VersionUnhealthy(f"{promotion.target}: {health.reason}")
