"""DeployPort, for whatever platform each target runs on."""

from collections.abc import Callable

import structlog
from temporalio import activity

from activities.deploy.platform import Platform
from activities.pace import ActivityPace, Pace
from workflows.domain.errors import Unavailable, VersionUnhealthy
from workflows.domain.values import Artifact, Digest, Provider
from workflows.ports.deploy import (
    Deployment,
    DeployPort,
    EnsureHealthy,
    Health,
    InstallVersion,
    Instance,
    ObserveDeployment,
    RemoveVersion,
    VerifyRunning,
    WatchHealth,
)

log = structlog.get_logger(__name__)

# A single failed check may be a moment's; a rollback must not stop for it.
_ASKED = 3
_ASKED_AGAIN_SECONDS = 1.0


class DeployActivities(DeployPort):
    """Hands each ask to its platform, with the bytes from the store that the ask names."""

    def __init__(
        self,
        platform_for: Callable[[Provider], Platform],
        *,
        fetch: Callable[[Provider, Artifact], bytes],
        beat: Callable[[], object] = activity.heartbeat,
        pace: Callable[[], Pace] = ActivityPace,
    ) -> None:
        self._platform_for = platform_for
        self._fetch = fetch
        self._beat = beat
        self._pace = pace

    def observe_deployment(self, ask: ObserveDeployment) -> Deployment:
        return self._platform_for(ask.platform).observe(ask.target.service)

    def install_version(self, ask: InstallVersion) -> Instance:
        platform = self._platform_for(ask.platform)
        instance = self._install(platform, ask)
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

    def watch_health(self, ask: WatchHealth) -> Health:
        platform, pace = self._platform_for(ask.platform), self._pace()
        failed = 0
        while True:
            health = _health(platform, ask.target.service, ask.digest)
            failed = failed + 1 if health.known and not health.healthy else 0
            if failed >= ask.failures:
                log.info("version_unhealthy", target=str(ask.target), reason=health.reason)
                reason = f"{failed} failed health checks in a row, the last: {health.reason}"
                return health.model_copy(update={"reason": reason})
            pace.wait(ask.every.total_seconds())

    def ensure_healthy(self, ask: EnsureHealthy) -> Health:
        platform, pace = self._platform_for(ask.platform), self._pace()
        artifact = ask.artifact
        try:
            if platform.observe(artifact.service).running(artifact.digest) is None:
                self._install(platform, ask)
        except Unavailable as error:
            return Health(healthy=False, known=False, reason=str(error))
        for attempt in range(_ASKED):
            health = _health(platform, artifact.service, artifact.digest)
            if health.healthy or not health.known:
                return health
            if attempt + 1 < _ASKED:
                pace.wait(_ASKED_AGAIN_SECONDS)
        raise VersionUnhealthy(
            f"{artifact} of {ask.target} is not healthy, so no traffic goes back to it: "
            f"{health.reason}; put it right, then `lockgate retry`"
        )

    def _install(self, platform: Platform, ask: InstallVersion | EnsureHealthy) -> Instance:
        return platform.install(
            ask.artifact,
            lambda: self._fetch(ask.store, ask.artifact),
            self._beat,
            release=ask.release,
        )


def _health(platform: Platform, service: str, digest: Digest) -> Health:
    try:
        problem = platform.health_problem(service, digest)
    except Unavailable as error:
        return Health(healthy=False, known=False, reason=str(error))
    return Health(healthy=problem is None, reason=problem or "")
