"""What a platform must be able to do; one module beside this one per kind of platform."""

from collections.abc import Callable
from typing import Protocol

from workflows.domain.values import Artifact
from workflows.ports.deploy import Deployment, Instance


class Platform(Protocol):
    """Runs versions of services beside each other."""

    def observe(self, service: str) -> Deployment:
        """What runs now, asked of the platform and not remembered.

        Raises:
            Unavailable: the platform does not answer.
        """
        ...

    def install(
        self,
        artifact: Artifact,
        fetch: Callable[[], bytes],
        beat: Callable[[], object],
        *,
        release: str = "",
    ) -> Instance:
        """Run *artifact* until it answers as healthy; one that does is left alone.

        *fetch* is called only when the bytes are needed; *beat* at least every few seconds;
        *release* is noted beside what is started, for people.

        Raises:
            ArtifactMismatch: the bytes are not the digest's.
            VersionUnhealthy: it did not become healthy in time; what was started of it was removed
                again.
            Unavailable: the platform does not answer.
        """
        ...

    def remove(self, service: str, digest: str, beat: Callable[[], object]) -> None:
        """Stop the version and leave nothing of it; *beat* is called while it ends its requests.

        Removing nothing is fine.

        Raises:
            Unavailable: the platform does not answer.
        """
        ...

    def health_problem(self, service: str, digest: str) -> str | None:
        """Why the version cannot be trusted with traffic now; none if it can.

        Not running is a problem like any other, and so is what the platform does not tell.

        Raises:
            Unavailable: the platform does not answer.
        """
        ...

    def verify(self, artifact: Artifact) -> Instance:
        """The running instance, once its bytes and its health are those of *artifact*.

        Raises:
            ArtifactMismatch: other bytes lie where it runs.
            VersionUnhealthy: it does not run, or does not answer as healthy.
            Unavailable: the platform does not answer.
        """
        ...
