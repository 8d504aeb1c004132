"""What a router serves for one target: a stable version, and perhaps a canary beside it."""

from workflows.domain.plan import HeaderRoute
from workflows.domain.values import Digest, Percent, Value, short


class Route(Value):
    """The versions behind one target, by digest; without a stable one nothing is served.

    `percent` is the canary's share of the traffic that no header sends elsewhere; `release` is
    the workflow id of the release that last changed the route.
    """

    stable: Digest | None = None
    canary: Digest | None = None
    percent: Percent = 0
    header: HeaderRoute | None = None
    release: str | None = None

    @property
    def digests(self) -> frozenset[str]:
        """Every version that the route names."""
        return frozenset(d for d in (self.stable, self.canary) if d is not None)

    @property
    def whole(self) -> bool:
        """Whether all traffic goes to one version, or none is served."""
        return self.canary is None

    def __str__(self) -> str:
        stable = short(self.stable) if self.stable else "nothing"
        if self.canary is None:
            return f"all traffic to {stable}"
        header = f", header {self.header}" if self.header else ""
        return f"{self.percent}% to canary {short(self.canary)}{header}, the rest to {stable}"
