"""Stores held in memory: one that keeps real bytes, and a port that keeps digests alone."""

from collections.abc import Callable

from workflows.domain.errors import ArtifactMismatch, TargetMissing, Unavailable
from workflows.domain.values import Artifact, Digest, Provider
from workflows.ports.artifacts import (
    ArtifactsPort,
    PromoteArtifact,
    StoredArtifact,
    VerifyArtifact,
)


class FakeStore:
    """Bytes under digests; like a real store, it does not look whether they belong together."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, Digest], bytes] = {}

    def stat(self, artifact: Artifact) -> StoredArtifact | None:
        content = self.held.get((artifact.service, artifact.digest))
        if content is None:
            return None
        location = f"memory:{artifact.service}/{artifact.digest}"
        return StoredArtifact(digest=artifact.digest, size=len(content), location=location)

    def read(self, artifact: Artifact, beat: Callable[[], object]) -> bytes:
        beat()
        if self.stat(artifact) is None:
            raise TargetMissing(f"{artifact}: not held")
        return self.held[artifact.service, artifact.digest]

    def read_part(self, artifact: Artifact, digest: str) -> bytes:
        raise TargetMissing(f"{artifact}: no part {digest}")

    def write(self, artifact: Artifact, content: bytes, part: Callable[[str], bytes]) -> None:
        self.held.setdefault((artifact.service, artifact.digest), content)


class FakeArtifacts(ArtifactsPort):
    """Every store holds every build, except for the digests in `missing`.

    Builds in `tampered` have other bytes; the next `unavailable` asks fail as if the store did
    not answer; `promoted` says which store was given which builds.
    """

    def __init__(self) -> None:
        self.promoted: dict[Provider, set[Digest]] = {}
        self.missing: set[Digest] = set()
        self.tampered: set[Digest] = set()
        self.unavailable = 0
        self.asks: list[VerifyArtifact | PromoteArtifact] = []

    def verify_artifact(self, ask: VerifyArtifact) -> StoredArtifact:
        self.asks.append(ask)
        return self._verified(ask.store, ask.artifact)

    def promote_artifact(self, ask: PromoteArtifact) -> StoredArtifact:
        self.asks.append(ask)
        self._verified(ask.source, ask.artifact)
        self.promoted.setdefault(ask.destination, set()).add(ask.artifact.digest)
        return self._stored(ask.destination, ask.artifact)

    def _verified(self, store: Provider, artifact: Artifact) -> StoredArtifact:
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable(f"{store} does not answer")
        if artifact.digest in self.missing:
            raise TargetMissing(f"{store} does not hold {artifact}")
        if artifact.digest in self.tampered:
            raise ArtifactMismatch(f"{artifact} in {store}: other bytes")
        return self._stored(store, artifact)

    def _stored(self, store: Provider, artifact: Artifact) -> StoredArtifact:
        location = f"{store}/{artifact.service}/{artifact.digest}"
        return StoredArtifact(digest=artifact.digest, size=1, location=location)
