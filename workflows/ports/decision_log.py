"""Rulings as they were made: kept whole in the ledger, listed, and read again."""

from abc import abstractmethod
from datetime import timedelta

from pydantic import Field

from workflows.domain.admission.recorded import DecisionEntry, RecordedDecision
from workflows.domain.names import Queue
from workflows.domain.values import Digest, Value, short
from workflows.ports.base import Message, Port, limited


class RecordDecision(Message):
    """Keep a ruling with its order and its facts."""

    decision: RecordedDecision

    def __str__(self) -> str:
        ruled = short(self.decision.admission.decision_digest)
        return f"keep that {self.decision.order.name} was {self.decision.verdict} as {ruled}"


class KeptDecision(Value):
    """Under which content address it is kept."""

    digest: Digest


class ListDecisions(Message):
    """List the newest rulings, of all releases or of those called *name*."""

    limit: int = Field(default=50, ge=1, le=500)
    name: str | None = None

    def __str__(self) -> str:
        return f"list the last {self.limit} rulings"


class DecisionList(Value):
    """Rulings, the newest first."""

    decisions: tuple[DecisionEntry, ...]


class ReadDecision(Message):
    """Read the ruling of this content address."""

    digest: Digest

    def __str__(self) -> str:
        return f"read ruling {short(self.digest)}"


class DecisionLogPort(Port):
    queue = Queue.AUDIT

    @limited(attempt=timedelta(seconds=30), total=timedelta(days=7), recorded=False)
    @abstractmethod
    def record_decision(self, ask: RecordDecision) -> KeptDecision:
        """Keep the ruling; one that is kept already is not kept again.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def list_decisions(self, ask: ListDecisions) -> DecisionList:
        """The newest rulings, as they were kept.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def read_decision(self, ask: ReadDecision) -> RecordedDecision:
        """One ruling, with everything that it went by.

        Raises:
            TargetMissing: none of this digest is kept; not retried.
            Diverged: what is kept is not what its digest names: the ledger was changed.
            Unavailable: the ledger does not answer; retried within the limits.
        """
