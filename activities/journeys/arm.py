"""One of the two versions: how it is reached, and how many requests it got."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.journeys.visit import Visit
from workflows.domain.journeys.report import Sent


@dataclass(frozen=True)
class Arm:
    """How one version is reached, and how its answers are told from the other's.

    An answer strayed if its version header is not `expects`, or if it is `avoids`.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    expects: str | None = None
    avoids: str | None = None

    def strayed(self, version: str | None) -> bool:
        """Whether *version* shows that the other arm answered; unknown is not shown."""
        if version is None:
            return False
        return version == self.avoids or (self.expects is not None and version != self.expects)


@dataclass
class Tally:
    """Requests to the arm that was asked, and those that the other one answered."""

    sent: Sent = field(default_factory=Sent)
    strayed: Sent = field(default_factory=Sent)

    def add(self, visit: Visit, strayed: Sent) -> None:
        own = Sent(
            requests=visit.requests - strayed.requests, errors=visit.errors - strayed.errors
        )
        self.sent, self.strayed = plus(self.sent, own), plus(self.strayed, strayed)


def plus(one: Sent, other: Sent) -> Sent:
    return Sent(requests=one.requests + other.requests, errors=one.errors + other.errors)
