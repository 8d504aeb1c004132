"""Looking at releases from outside: which ended without putting the world in order."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.calendar.windows import Granted
from workflows.domain.names import Queue
from workflows.domain.readiness.readiness import ReadinessView
from workflows.domain.release.outcomes import EndedRelease
from workflows.domain.release.undo import Undo
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
    ended: EndedRelease | None = None
    """What to file of it; None where it was never admitted, or cannot say."""


class AbandonedReleases(Value):
    releases: tuple[Abandoned, ...]


class FindUnderWay(Message):
    """Which releases are changing something in *environments* now, *besides* the one named?"""

    environments: tuple[str, ...]
    besides: str
    limit: int = 20

    def __str__(self) -> str:
        return f"look for other releases under way in {', '.join(self.environments)}"


class UnderWay(Value):
    """Their ids, at most as many as were asked for."""

    releases: tuple[str, ...]


class ReadReview(Message):
    """Where does the readiness review *review*, in this *run* of it, stand?"""

    review: str
    run: str

    def __str__(self) -> str:
        return "ask the readiness review itself where it stands"


class ReadOverrides(Message):
    """Which windows have people set aside for *release*, in this *run* of it?"""

    release: str
    run: str

    def __str__(self) -> str:
        return "ask the release itself what was set aside for it"


class OverridesRead(Value):
    granted: tuple[Granted, ...] = ()


class ReleasesPort(Port):
    queue = Queue.DECISIONS

    @limited(attempt=timedelta(minutes=2), total=timedelta(minutes=10), recorded=False)
    @abstractmethod
    def find_abandoned(self, ask: FindAbandoned) -> AbandonedReleases:
        """Ask Temporal for terminated, timed-out and failed releases that nothing has unwound.

        Raises:
            Unavailable: Temporal does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def find_under_way(self, ask: FindUnderWay) -> UnderWay:
        """Ask Temporal for the releases that have begun to change one of the environments.

        What waits at a gate changes nothing yet. Visibility is a moment late: a release that
        began just now may be missing.

        Raises:
            Unavailable: Temporal does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def read_review(self, ask: ReadReview) -> ReadinessView:
        """Ask the review itself; what is told in its name, anybody may have told.

        Raises:
            TargetMissing: there is no such run of a review; not retried.
            Unavailable: it does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def read_overrides(self, ask: ReadOverrides) -> OverridesRead:
        """Ask the release itself; what is told in its name, anybody may have told.

        Raises:
            TargetMissing: there is no such run of a release; not retried.
            Unavailable: it does not answer; retried within the limits.
        """
