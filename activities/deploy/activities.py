"""DeployPort, for whatever platform each target runs on."""

from collections.abc import Callable

import structlog
from temporalio import activity

from activities.deploy.platform import Platform
from workflows.domain.values import Artifact, Provider
from workflows.ports.deploy import (
    CheckHealth,
    Deployment,
    DeployPort,
    Health,
    InstallVersion,
    Instance,
    ObserveDeployment,
    RemoveVersion,
    VerifyRunning,
)

log = structlog.get_logger(__name__)


class DeployActivities(DeployPort):
    """Hands each ask to its platform, with the bytes from the store that the ask names."""

    def __init__(
        self,
        platform_for: Callable[[Provider], Platform],
        *,
        fetch: Callable[[Provider, Artifact], bytes],
        beat: Callable[[], object] = activity.heartbeat,
    ) -> None:
        self._platform_for = platform_for
        self._fetch = fetch
        self._beat = beat

    def observe_deployment(self, ask: ObserveDeployment) -> Deployment:
        return self._platform_for(ask.platform).observe(ask.target.service)

    def install_version(self, ask: InstallVersion) -> Instance:
        platform = self._platform_for(ask.platform)
        instance = platform.install(
            ask.artifact,
            lambda: self._fetch(ask.store, ask.artifact),
            self._beat,
            release=ask.release,
        )
        log.info(
            "version_installed",
            target=str(ask.target),
            version=instance.version,
            digest=instance.digest,
            endpoint=instance.endpoint,
        )
        return instance

    def remove_version(self, ask: RemoveVersion) -> Deployment:
        platform = self._platform_for(ask.platform)
        platform.remove(ask.target.service, ask.digest, self._beat)
        log.info("version_removed", target=str(ask.target), digest=ask.digest)
        return platform.observe(ask.target.service)

    def verify_running(self, ask: VerifyRunning) -> Instance:
        return self._platform_for(ask.platform).verify(ask.artifact)

    def check_health(self, ask: CheckHealth) -> Health:
        problem = self._platform_for(ask.platform).health_problem(ask.target.service, ask.digest)
        if problem is None:
            return Health(healthy=True)
        log.info("version_found_unhealthy", target=str(ask.target), digest=ask.digest, why=problem)
        return Health(healthy=False, reason=problem)
