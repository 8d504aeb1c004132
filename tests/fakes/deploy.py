"""The rules of DeployActivities over a platform held in memory."""

from collections.abc import Callable
from typing import TypeVar

from activities.deploy.activities import DeployActivities
from activities.pace import ActivityPace
from workflows.domain.errors import (
    ArtifactMismatch,
    Refused,
    Unavailable,
    VersionUnhealthy,
)
from workflows.domain.values import Artifact, Digest, Provider, Target, digest_of
from workflows.ports.deploy import (
    Deployment,
    EnsureHealthy,
    Health,
    InstallVersion,
    Instance,
    ObserveDeployment,
    RemoveVersion,
    VerifyRunning,
    WatchHealth,
)

Ask = (
    ObserveDeployment
    | InstallVersion
    | RemoveVersion
    | VerifyRunning
    | WatchHealth
    | EnsureHealthy
)
AskT = TypeVar(
    "AskT",
    ObserveDeployment,
    InstallVersion,
    RemoveVersion,
    VerifyRunning,
    WatchHealth,
    EnsureHealthy,
)
AnswerT = TypeVar("AnswerT", Deployment, Instance, Health)


class ShortPace(ActivityPace):
    """The pace of an activity in which a second is a hundredth of one."""

    def wait(self, seconds: float) -> None:
        super().wait(seconds / 100)


class FakePlatform:
    """Runs every version but the `unhealthy` ones; `tampered` ones run other bytes.

    Of `silent` ones it does not tell how they are; `looked` lists whose health was asked for.

    With *hashes* it checks what it is given to run, as a real platform does.
    """

    def __init__(self, *, hashes: bool = False) -> None:
        self.running: dict[str, dict[Digest, Instance]] = {}
        self.unhealthy: set[Digest] = set()
        self.tampered: set[Digest] = set()
        self.silent: set[Digest] = set()
        self.looked: list[Digest] = []
        self.releases: dict[Digest, str] = {}
        """Which release asked for what was started."""
        self._hashes = hashes
        self._next_port = 40_000

    def observe(self, service: str) -> Deployment:
        found = self.running.get(service, {}).values()
        return Deployment(instances=tuple(sorted(found, key=lambda one: one.version)))

    def install(
        self,
        artifact: Artifact,
        fetch: Callable[[], bytes],
        beat: Callable[[], object],
        *,
        release: str = "",
    ) -> Instance:
        versions = self.running.setdefault(artifact.service, {})
        if artifact.digest in versions and artifact.digest not in self.unhealthy:
            return versions[artifact.digest]
        content = fetch()
        beat()
        if self._hashes and digest_of(content) != artifact.digest:
            raise ArtifactMismatch(f"{artifact}: other bytes")
        if artifact.digest in self.unhealthy:
            versions.pop(artifact.digest, None)
            raise VersionUnhealthy(f"{artifact} does not answer as healthy")
        self._next_port += 1
        self.releases[artifact.digest] = release
        versions[artifact.digest] = Instance(
            version=artifact.version,
            digest=artifact.digest,
            endpoint=f"127.0.0.1:{self._next_port}",
        )
        return versions[artifact.digest]

    def remove(self, service: str, digest: str, beat: Callable[[], object]) -> None:
        beat()
        self.running.get(service, {}).pop(digest, None)

    def health_problem(self, service: str, digest: str) -> str | None:
        self.looked.append(digest)
        if digest in self.silent:
            raise Unavailable("the platform does not answer")
        if digest not in self.running.get(service, {}):
            return "it does not run here"
        return "it does not answer as healthy" if digest in self.unhealthy else None

    def verify(self, artifact: Artifact) -> Instance:
        instance = self.running.get(artifact.service, {}).get(artifact.digest)
        if instance is None or artifact.digest in self.unhealthy:
            raise VersionUnhealthy(f"{artifact} does not run, or is not healthy")
        if artifact.digest in self.tampered:
            raise ArtifactMismatch(f"{artifact}: service.py was changed")
        return instance


class FakeDeploy(DeployActivities):
    """One in-memory platform per provider; `stuck` and `unavailable` make changes fail.

    A target in `stuck` refuses to be changed, for good; the next `unavailable` asks fail as if
    the platform did not answer; digests in `unhealthy` and `tampered` fail everywhere, and nobody
    tells how those in `silent` are.
    """

    def __init__(self) -> None:
        super().__init__(
            self.platform,
            fetch=lambda _store, _artifact: b"",
            beat=lambda: None,
            pace=ShortPace,
        )
        self.platforms: dict[Provider, FakePlatform] = {}
        self.stuck: set[Target] = set()
        self.unavailable = 0
        self.unhealthy: set[Digest] = set()
        self.tampered: set[Digest] = set()
        self.silent: set[Digest] = set()
        self.looked: list[Digest] = []
        self.asks: list[Ask] = []

    def platform(self, provider: Provider) -> FakePlatform:
        platform = self.platforms.setdefault(provider, FakePlatform())
        platform.unhealthy, platform.tampered = self.unhealthy, self.tampered
        platform.silent, platform.looked = self.silent, self.looked
        return platform

    def deployment(self, target: Target) -> Deployment:
        """What runs of *target* on the platform whose connection is its environment."""
        for provider, platform in self.platforms.items():
            if provider.connection == target.environment:
                return platform.observe(target.service)
        return Deployment()

    def put(self, target: Target, artifact: Artifact, *, type: str = "fake") -> Instance:
        """Run *artifact*, whoever may have installed it."""
        provider = Provider(type=type, connection=target.environment)
        return self.platform(provider).install(artifact, lambda: b"", lambda: None)

    def observe_deployment(self, ask: ObserveDeployment) -> Deployment:
        return self._answer(ask, super().observe_deployment)

    def install_version(self, ask: InstallVersion) -> Instance:
        self._refuse_if_stuck(ask.target)
        return self._answer(ask, super().install_version)

    def remove_version(self, ask: RemoveVersion) -> Deployment:
        self._refuse_if_stuck(ask.target)
        return self._answer(ask, super().remove_version)

    def verify_running(self, ask: VerifyRunning) -> Instance:
        return self._answer(ask, super().verify_running)

    def watch_health(self, ask: WatchHealth) -> Health:
        return self._answer(ask, super().watch_health)

    def ensure_healthy(self, ask: EnsureHealthy) -> Health:
        return self._answer(ask, super().ensure_healthy)

    def _refuse_if_stuck(self, target: Target) -> None:
        if target in self.stuck:
            raise Refused(f"the platform refuses every change of {target}")

    def _answer(self, ask: AskT, rule: Callable[[AskT], AnswerT]) -> AnswerT:
        self.asks.append(ask)
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable("the platform does not answer")
        return rule(ask)
