"""Verifying immutable builds, and copying them by digest from store to store."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.values import Artifact, Digest, Provider, Value
from workflows.ports.base import Message, Port, limited


class StoredArtifact(Value):
    """A build as a store holds it; *size* in bytes."""

    digest: Digest
    size: int
    location: str


class VerifyArtifact(Message):
    """Does *store* hold *artifact*, and are its bytes the digest's?"""

    artifact: Artifact
    store: Provider

    def __str__(self) -> str:
        return f"verify {self.artifact} in {self.store}"


class PromoteArtifact(Message):
    """Copy *artifact* by digest from *source* to *destination*."""

    artifact: Artifact
    source: Provider
    destination: Provider

    def __str__(self) -> str:
        return f"copy {self.artifact} from {self.source} to {self.destination}"


class ArtifactsPort(Port):
    queue = Queue.CLOUD

    @limited(
        attempt=timedelta(minutes=5), total=timedelta(minutes=20), heartbeat=timedelta(seconds=30)
    )
    @abstractmethod
    def verify_artifact(self, ask: VerifyArtifact) -> StoredArtifact:
        """Read the bytes and hash them.

        Raises:
            TargetMissing: the store holds no such artifact; not retried.
            ArtifactMismatch: its bytes have another digest; not retried.
            Unavailable: the store does not answer; retried within the limits.
        """

    @limited(
        attempt=timedelta(minutes=10), total=timedelta(minutes=40), heartbeat=timedelta(seconds=30)
    )
    @abstractmethod
    def promote_artifact(self, ask: PromoteArtifact) -> StoredArtifact:
        """Copy, verifying the digest on the way out and once more at the destination.

        Idempotent: bytes already there are verified, not copied. Nothing is ever overwritten
        with other bytes.

        Raises:
            TargetMissing: the source holds no such artifact; not retried.
            ArtifactMismatch: source or destination hold other bytes; not retried.
            Unavailable: a store does not answer; retried within the limits.
        """
