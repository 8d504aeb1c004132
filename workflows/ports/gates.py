"""What gates cost, and the matrices they go by: kept in the ledger, and read."""

from abc import abstractmethod
from datetime import datetime, timedelta

from pydantic import JsonValue

from workflows.domain.gates.waits import GateReport, GateWait
from workflows.domain.names import Queue
from workflows.domain.values import Digest, Value
from workflows.ports.base import Message, Port, limited


class RecordGateWaits(Message):
    """Keep how long a release waited at each gate of a stage, and how that ended."""

    waits: tuple[GateWait, ...]

    def __str__(self) -> str:
        gates = ", ".join(wait.gate for wait in self.waits)
        return f"record what was waited for: {gates}"


class KeptWaits(Value):
    """How many waits were new to the ledger."""

    added: int


class ReportGates(Message):
    """What did the gates cost and catch since a moment?"""

    since: datetime

    def __str__(self) -> str:
        return f"report on gates since {self.since:%Y-%m-%d}"


class PublishMatrix(Message):
    """Tell everybody of the decision matrix of *policy*, as its document has it, if it is new."""

    policy: str
    matrix: dict[str, JsonValue]

    def __str__(self) -> str:
        return f"publish the decision matrix of {self.policy}"


class Publication(Value):
    """When a matrix was published, and whether that was just now."""

    policy: str
    digest: Digest
    published_at: datetime
    first: bool

    def __str__(self) -> str:
        return f"{self.digest}, published {self.published_at:%Y-%m-%d %H:%M}Z"


class GatesPort(Port):
    queue = Queue.AUDIT

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def record_gate_waits(self, ask: RecordGateWaits) -> KeptWaits:
        """Keep each wait whose key is not kept yet; safe to ask again.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def report_gates(self, ask: ReportGates) -> GateReport:
        """The figures of every gate.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def publish_matrix(self, ask: PublishMatrix) -> Publication:
        """Keep the page of a matrix that is new, and say so in the chain `matrix`, once.

        Raises:
            PolicyViolated: it is no decision matrix.
            Unavailable: the ledger does not answer; retried within the limits.
        """
