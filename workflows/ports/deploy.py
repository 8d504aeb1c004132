"""Running one version of a service beside another; removing it again."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.values import Artifact, Digest, Provider, Target, Value, short
from workflows.ports.base import Message, Port, limited


class Instance(Value):
    """One version as the platform runs it; *endpoint* is `host:port`."""

    version: str
    digest: Digest
    endpoint: str


class Deployment(Value):
    """Every version of a target that the platform runs."""

    instances: tuple[Instance, ...] = ()

    def running(self, digest: str) -> Instance | None:
        return next((i for i in self.instances if i.digest == digest), None)


class ObserveDeployment(Message):
    """Which versions of *target* does the platform run now?"""

    target: Target
    platform: Provider

    def __str__(self) -> str:
        return f"read what runs of {self.target}"


class InstallVersion(Message):
    """Run *artifact* of *target* beside whatever runs already, fetched from *store*."""

    target: Target
    platform: Provider
    artifact: Artifact
    store: Provider
    release: str

    def __str__(self) -> str:
        return f"install {self.artifact} on {self.target}"


class RemoveVersion(Message):
    """Stop and remove one version of *target*."""

    target: Target
    platform: Provider
    digest: Digest

    def __str__(self) -> str:
        return f"remove {short(self.digest)} from {self.target}"


class VerifyRunning(Message):
    """Is what runs as *artifact* of *target* byte for byte what was promoted?"""

    target: Target
    platform: Provider
    artifact: Artifact

    def __str__(self) -> str:
        return f"compare what runs on {self.target} with {self.artifact}"


class Health(Value):
    """How one version is, as its platform tells it; *reason* says why it is not healthy.

    `known` is false where the platform did not answer: that says nothing about the version.
    """

    healthy: bool
    reason: str = ""
    known: bool = True

    def __str__(self) -> str:
        return "healthy" if self.healthy else self.reason


class WatchHealth(Message):
    """Look at the version *digest* each *every*; so many *failures* in a row are the end."""

    target: Target
    platform: Provider
    digest: Digest
    every: timedelta
    failures: int

    def __str__(self) -> str:
        return f"watch the health of {short(self.digest)} on {self.target}"


class EnsureHealthy(Message):
    """See that *artifact* of *target* can take the traffic back."""

    target: Target
    platform: Provider
    artifact: Artifact
    store: Provider
    release: str

    def __str__(self) -> str:
        return f"see that {self.artifact.version} of {self.target} is healthy"


class DeployPort(Port):
    queue = Queue.CLOUD

    @limited(attempt=timedelta(seconds=20), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def observe_deployment(self, ask: ObserveDeployment) -> Deployment:
        """What runs, as the platform tells it.

        Raises:
            TargetMissing: the platform or its connection does not exist; not retried.
            Unavailable: the platform does not answer; retried within the limits.
        """

    @limited(
        attempt=timedelta(minutes=10), total=timedelta(minutes=30), heartbeat=timedelta(seconds=20)
    )
    @abstractmethod
    def install_version(self, ask: InstallVersion) -> Instance:
        """Fetch by digest, verify, start, and wait until it answers as healthy.

        Idempotent: a version that runs and is healthy is left alone.

        Raises:
            ArtifactMismatch: the bytes fetched are not the digest's; not retried.
            VersionUnhealthy: it did not become healthy in time; it is removed again; not retried.
            TargetMissing: no such platform, store or artifact; not retried.
            Unavailable: platform or store do not answer; retried within the limits.
        """

    @limited(
        attempt=timedelta(minutes=2), total=timedelta(hours=6), heartbeat=timedelta(seconds=20)
    )
    @abstractmethod
    def remove_version(self, ask: RemoveVersion) -> Deployment:
        """Stop the version, forget it, and return what still runs. Removing nothing is fine.

        Raises:
            TargetMissing: the platform does not exist; not retried.
            Unavailable: the platform does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=60), total=timedelta(minutes=10))
    @abstractmethod
    def verify_running(self, ask: VerifyRunning) -> Instance:
        """The running instance, once its content and health are those of the artifact.

        Raises:
            ArtifactMismatch: it runs other bytes than were promoted; not retried.
            VersionUnhealthy: it does not run, or does not answer as healthy; not retried.
            Unavailable: the platform does not answer; retried within the limits.
        """

    @limited(
        attempt=timedelta(days=8),
        total=timedelta(days=8),
        heartbeat=timedelta(seconds=20),
        awaited=False,
    )
    @abstractmethod
    def watch_health(self, ask: WatchHealth) -> Health:
        """Look until the version has failed so many checks in a row; how it is then.

        A platform that does not answer says nothing about the version: it is asked again.

        Raises:
            TargetMissing: the platform does not exist; not retried.
        """

    @limited(
        attempt=timedelta(minutes=10), total=timedelta(hours=6), heartbeat=timedelta(seconds=20)
    )
    @abstractmethod
    def ensure_healthy(self, ask: EnsureHealthy) -> Health:
        """Before traffic goes back to a version: is it healthy? One that is gone is installed.

        One that runs and is not healthy is left as it is: it may still serve most of the traffic,
        and to start it anew is for people to decide. A platform that does not answer is told as
        unknown, and does not keep the traffic on a version that is known to be bad.

        Raises:
            VersionUnhealthy: it runs, and is not healthy however often it is asked; not retried.
            ArtifactMismatch, TargetMissing: it was gone, and cannot be installed again.
        """
