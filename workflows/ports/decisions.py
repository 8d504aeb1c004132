"""Rulings: pure code of the domain, run by an activity so that the answer is recorded."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.order import ReleaseOrder
from workflows.domain.plan import Plan
from workflows.domain.values import Digest, Value
from workflows.ports.base import Message, Port, limited


class AdmitRelease(Message):
    """May this order go, and what exactly would it do?"""

    order: ReleaseOrder

    def __str__(self) -> str:
        return f"admit {self.order.name}, asked for by {self.order.requested_by}"


class Admission(Value):
    """The plan, and the digest that every approval of it must name."""

    plan: Plan
    decision_digest: Digest


class DecisionsPort(Port):
    queue = Queue.DECISIONS

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2))
    @abstractmethod
    def admit_release(self, ask: AdmitRelease) -> Admission:
        """Read the documents strictly, check their digests, and compile the plan.

        Raises:
            PolicyViolated: with every problem, one a line; not retried.
        """
