"""Making sure that no credential outlives the release that it was leased for."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.values import Value
from workflows.ports.base import Message, Port, limited


class RevokedLeases(Value):
    """How many leases were still open and were revoked."""

    count: int


class RevokeLeases(Message):
    """Revoke every lease that was opened for *release* and not yet closed."""

    release: str

    def __str__(self) -> str:
        return f"revoke what is left of the leases of {self.release}"


class SecretsPort(Port):
    queue = Queue.VAULT

    @limited(attempt=timedelta(seconds=60), total=timedelta(hours=6))
    @abstractmethod
    def revoke_leases(self, ask: RevokeLeases) -> RevokedLeases:
        """Revoke; a lease that is already gone counts as revoked.

        Raises:
            Unavailable: vault or ledger do not answer; retried within the limits.
        """
