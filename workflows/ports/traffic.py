"""Moving live traffic between the stable and the canary version of a target."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import Digest, Percent, Provider, Target, short
from workflows.ports.base import Message, Port, limited


class ObserveRoute(Message):
    """What does the router serve for *target* now?"""

    target: Target
    router: Provider

    def __str__(self) -> str:
        return f"read the route of {self.target}"


class ShiftTraffic(Message):
    """Serve *percent* of *target* from *canary*, the rest from *stable*.

    Without *canary* all traffic goes to *stable*. Before the shift the route may name only
    versions of this ask, *replaces* among them: the one that the last shift takes out of it.
    `release` is written into the route as the one that changed it. `mirror` copies so much of the
    stable version's traffic to a canary that has no share yet.
    """

    target: Target
    router: Provider
    stable: Digest | None
    canary: Digest | None
    percent: Percent
    header: HeaderRoute | None = None
    affinity: Affinity | None = None
    mirror: Percent = 0
    replaces: Digest | None = None
    release: str

    def __str__(self) -> str:
        if self.canary is None:
            return f"send all traffic of {self.target} to {short(self.stable or 'nothing')}"
        if self.percent == 0 and self.header is not None:
            return f"send {self.header} of {self.target} to canary {short(self.canary)}"
        return f"shift {self.target} to {self.percent}% canary {short(self.canary)}"


class WithdrawVersion(Message):
    """Take *version* out of the route of *target*, and serve *restore* alone in its place.

    The undo of every shift: a route that does not name *version* is left as it is, because
    somebody else's change is never overwritten. Without *restore* nothing was served before;
    *set_by* is the release that had set *restore*, so that it may still take it back itself.
    """

    target: Target
    router: Provider
    version: Digest
    restore: Digest | None
    set_by: str | None = None
    release: str

    def __str__(self) -> str:
        back = f"all traffic back to {short(self.restore)}" if self.restore else "serve nothing"
        return f"withdraw {short(self.version)} from {self.target}: {back}"


class TrafficPort(Port):
    queue = Queue.TRAFFIC

    @limited(attempt=timedelta(seconds=20), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def observe_route(self, ask: ObserveRoute) -> Route:
        """The route as the router serves it, not as anybody remembers it.

        Raises:
            TargetMissing: the router or its connection knows no such service; not retried.
            Unavailable: the router does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=20), total=timedelta(minutes=15))
    @abstractmethod
    def shift_traffic(self, ask: ShiftTraffic) -> Route:
        """Set the route and return the one that the router now serves, read back.

        Idempotent: asking for the route already served changes nothing. Only after the answer's
        `settles_after` is every client served by it.

        Raises:
            TargetMissing: the router knows no such service or version; not retried.
            Refused: the router cannot do what the route asks for; not retried.
            Unavailable: the router does not answer or confirm; retried within the limits.
            Diverged: the route names a version that this ask does not, another release moves
                it, or the router serves something else than what was just set.
        """

    @limited(attempt=timedelta(seconds=20), total=timedelta(hours=6))
    @abstractmethod
    def withdraw_version(self, ask: WithdrawVersion) -> Route:
        """Undo a shift; see WithdrawVersion. Safe to run when the shift never happened.

        Only after the answer's `settles_after` is *version* without traffic, and may be removed.

        Raises:
            TargetMissing: the router knows no such service; not retried.
            Unavailable: the router does not answer or confirm; retried within the limits.
            Diverged: *version* is served beside one that is not *restore*, or another release
                set the route that names it.
        """
