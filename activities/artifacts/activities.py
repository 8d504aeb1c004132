"""ArtifactsPort, for whatever stores a build moves between."""

from collections.abc import Callable

import structlog
from temporalio import activity

from activities.artifacts.store import Store
from workflows.domain.errors import ArtifactMismatch
from workflows.domain.values import Artifact, Provider, digest_of
from workflows.ports.artifacts import (
    ArtifactsPort,
    PromoteArtifact,
    StoredArtifact,
    VerifyArtifact,
)

log = structlog.get_logger(__name__)


class ArtifactsActivities(ArtifactsPort):
    """Believes no store: every byte is hashed where it is read, and again where it was written."""

    def __init__(
        self,
        store_for: Callable[[Provider], Store],
        *,
        beat: Callable[[], object] = activity.heartbeat,
    ) -> None:
        self._store_for = store_for
        self._beat = beat

    def verify_artifact(self, ask: VerifyArtifact) -> StoredArtifact:
        return self._verified(ask.store, ask.artifact)

    def promote_artifact(self, ask: PromoteArtifact) -> StoredArtifact:
        destination = self._store_for(ask.destination)
        if destination.stat(ask.artifact) is not None:
            return self._verified(ask.destination, ask.artifact)
        source = self._store_for(ask.source)
        content = self.fetch(ask.source, ask.artifact)

        def part(digest: str) -> bytes:
            self._beat()
            return source.read_part(ask.artifact, digest)

        destination.write(ask.artifact, content, part)
        stored = self._verified(ask.destination, ask.artifact)
        log.info(
            "artifact_promoted",
            artifact=str(ask.artifact),
            source=str(ask.source),
            destination=str(ask.destination),
        )
        return stored

    def fetch(self, store: Provider, artifact: Artifact) -> bytes:
        """The verified bytes of *artifact*, for activities that run it.

        Raises:
            TargetMissing: the store holds no such artifact.
            ArtifactMismatch: its bytes have another digest.
            Unavailable: the store does not answer.
        """
        content = self._store_for(store).read(artifact, self._beat)
        if (found := digest_of(content)) != artifact.digest:
            raise ArtifactMismatch(
                f"{artifact} in {store}: expected {artifact.digest}, found bytes of {found}; "
                "nothing was copied or started"
            )
        return content

    def _verified(self, store: Provider, artifact: Artifact) -> StoredArtifact:
        self.fetch(store, artifact)
        stored = self._store_for(store).stat(artifact)
        if stored is None:
            raise ArtifactMismatch(f"{artifact} in {store}: removed while it was verified")
        return stored
