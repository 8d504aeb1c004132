"""What a router serves for one target: a stable version, and perhaps a canary beside it."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.values import Digest, Percent, Value, short


class Capability(StrEnum):
    """What a route may ask of a router beyond a share, and not every router can do."""

    HEADER = "header"
    AFFINITY_BY_HEADER = "affinityByHeader"
    AFFINITY_BY_COOKIE = "affinityByCookie"
    AFFINITY_BY_ROUTER = "affinityByRouter"
    MIRROR = "mirror"


CAN: Final[Mapping[str, frozenset[Capability]]] = {
    "alb": frozenset({Capability.HEADER, Capability.AFFINITY_BY_ROUTER}),
    "envoy": frozenset(Capability) - {Capability.AFFINITY_BY_ROUTER},
    "route53": frozenset(),
}
"""What each type of router can do beyond shares, so that a plan can be refused at its start."""

COUNT_MARKED_APART: Final = frozenset({"envoy"})
"""Types of routers that count what a header sends apart: it is no part of a share or a figure."""

_BY: Final = {
    "header": Capability.AFFINITY_BY_HEADER,
    "cookie": Capability.AFFINITY_BY_COOKIE,
    "router": Capability.AFFINITY_BY_ROUTER,
}


class Route(Value):
    """The versions behind one target, by digest; without a stable one nothing is served.

    `percent` is the canary's share of the traffic that no header sends elsewhere; `mirror` the
    share of the stable version's requests of which the canary gets a copy that nobody waits for;
    `release` is the workflow id of the release that last changed the route.

    `settles_after` is said in answers only: how long after the answer some clients may still
    be served by the route before. A stage counts, and a version may be removed, only then.
    """

    stable: Digest | None = None
    canary: Digest | None = None
    percent: Percent = 0
    header: HeaderRoute | None = None
    affinity: Affinity | None = None
    mirror: Percent = 0
    release: str | None = None
    settles_after: timedelta = timedelta(0)

    @property
    def digests(self) -> frozenset[str]:
        """Every version that the route names."""
        return frozenset(d for d in (self.stable, self.canary) if d is not None)

    @property
    def whole(self) -> bool:
        """Whether all traffic goes to one version, or none is served."""
        return self.canary is None

    @property
    def needs(self) -> frozenset[Capability]:
        """What a router must be able to do, to serve this route."""
        asked = {
            Capability.HEADER: self.header is not None,
            Capability.MIRROR: self.mirror > 0,
        }
        if self.affinity is not None:
            asked[_BY[self.affinity.by]] = True
        return frozenset(capability for capability, is_asked in asked.items() if is_asked)

    def __str__(self) -> str:
        stable = short(self.stable) if self.stable else "nothing"
        if self.canary is None:
            return f"all traffic to {stable}"
        header = f", header {self.header}" if self.header else ""
        mirror = f", copies of {self.mirror}%" if self.mirror else ""
        affinity = f", {self.affinity}" if self.affinity else ""
        return (
            f"{self.percent}% to canary {short(self.canary)}{header}{mirror}{affinity}, "
            f"the rest to {stable}"
        )
