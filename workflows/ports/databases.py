"""Looking into a service's database with credentials that live as long as the look."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.release.plan import DataRule
from workflows.domain.values import Provider, Target, Value
from workflows.ports.base import Message, Port, limited


class DataFinding(Value):
    """What one check found."""

    name: str
    expected: int
    found: int


class DataReport(Value):
    findings: tuple[DataFinding, ...]


class CheckData(Message):
    """Run the data checks of *target*'s service."""

    target: Target
    database: Provider
    rules: tuple[DataRule, ...]
    release: str

    def __str__(self) -> str:
        return f"check the data of {self.target}: {', '.join(rule.name for rule in self.rules)}"


class DatabasesPort(Port):
    queue = Queue.DATA

    @limited(
        attempt=timedelta(minutes=10), total=timedelta(minutes=30), heartbeat=timedelta(seconds=15)
    )
    @abstractmethod
    def check_data(self, ask: CheckData) -> DataReport:
        """Lease read-only credentials, run every query, revoke the lease on every path.

        Raises:
            DataInconsistent: a query found another number than expected; not retried.
            Refused: a query is not one that returns one number; not retried.
            TargetMissing: no such database connection; not retried.
            Unavailable: vault or database do not answer; retried within the limits.
        """
