"""What an artifact store must be able to do; one module beside this one per kind of store."""

from collections.abc import Callable
from typing import Protocol

from workflows.domain.values import Artifact
from workflows.ports.artifacts import StoredArtifact


class Store(Protocol):
    """Holds builds under their content address; nothing that it holds is ever replaced."""

    def stat(self, artifact: Artifact) -> StoredArtifact | None:
        """What it holds under the artifact's digest, without reading it; None for nothing.

        Raises:
            Unavailable: the store does not answer.
        """
        ...

    def read(self, artifact: Artifact, beat: Callable[[], object]) -> bytes:
        """The bytes whose SHA-256 should be the digest; the caller makes sure of it.

        Raises:
            TargetMissing: it holds no such artifact.
            Unavailable: the store does not answer.
        """
        ...

    def read_part(self, artifact: Artifact, digest: str) -> bytes:
        """One of the blobs that the artifact's bytes refer to, such as a layer of an image.

        Raises:
            TargetMissing: it holds no such blob.
            Unavailable: the store does not answer.
        """
        ...

    def write(self, artifact: Artifact, content: bytes, part: Callable[[str], bytes]) -> None:
        """Hold *content* under the artifact's digest, unless something is held there already.

        *part* gives a blob that *content* refers to, by digest; only missing ones are asked for.

        Raises:
            ArtifactMismatch: a blob is not its digest's, or the version names other bytes here.
            Refused: the store cannot hold such content, or would let it be replaced.
            Unavailable: the store does not answer.
        """
        ...
