"""Looking at releases from outside: which ended without putting the world in order."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.undo import Undo
from workflows.domain.values import Value
from workflows.ports.base import Message, Port, limited


class FindAbandoned(Message):
    """Which releases were ended from outside in the last *within*, and left something undone?"""

    within: timedelta
    limit: int = 50

    def __str__(self) -> str:
        return f"look for releases that ended without cleaning up in the last {self.within}"


class Abandoned(Value):
    """A release that ended without a word, what it had listed as undo, and its open leases."""

    release: str
    run_id: str
    undos: tuple[Undo, ...]


class AbandonedReleases(Value):
    releases: tuple[Abandoned, ...]


class ReleasesPort(Port):
    queue = Queue.DECISIONS

    @limited(attempt=timedelta(minutes=2), total=timedelta(minutes=10), recorded=False)
    @abstractmethod
    def find_abandoned(self, ask: FindAbandoned) -> AbandonedReleases:
        """Ask Temporal for terminated, timed-out and failed releases that nothing has unwound.

        Raises:
            Unavailable: Temporal does not answer; retried within the limits.
        """
