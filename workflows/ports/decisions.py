"""Rulings: pure code of the domain, run by an activity so that the answer is recorded."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.admission.admission import Admission
from workflows.domain.admission.facts import Facts
from workflows.domain.names import Queue
from workflows.domain.release.order import ReleaseOrder
from workflows.ports.base import Message, Port, limited


class AdmitRelease(Message):
    """May this order go, and what exactly would it do?"""

    order: ReleaseOrder
    facts: Facts | None = None

    def __str__(self) -> str:
        return f"admit {self.order.name}, asked for by {self.order.requested_by}"


class DecisionsPort(Port):
    queue = Queue.DECISIONS

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2))
    @abstractmethod
    def admit_release(self, ask: AdmitRelease) -> Admission:
        """Read the documents strictly, check their digests, and rule by them and the facts.

        Raises:
            PolicyViolated: with every problem, one a line; not retried.
        """
