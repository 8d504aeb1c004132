"""How the clients of a service behave, as far as it decides which router can split them."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from workflows.domain.durations import Duration
from workflows.domain.values import SpecPart


class Clients(SpecPart):
    """Who calls a service, how often, and what they do with names, cookies and connections."""

    rps: float = Field(gt=0, le=10_000_000)
    """Requests per second at a quiet hour, of all clients together."""
    kinds: tuple[Literal["browser", "mobile", "service", "batch"], ...] = Field(
        default=("browser",), min_length=1, max_length=4
    )
    """What they are."""
    dns_caching: Duration = timedelta(0)
    """How long some of them keep an address beyond its TTL; a JVM may do so for ever."""
    cookies: bool | None = None
    """Whether they return cookies; unless it is said, browsers do and nobody else does."""
    sessions: bool = False
    """Whether a user must stay on one version."""
    grpc: bool = False
    """Whether they call by gRPC, whose requests share one connection."""
    long_lived: bool = False
    """Whether they keep connections for minutes or hours."""
    exposure: Literal["external", "internal"] = "external"
    """Whether they come from outside."""
    runs_on: Literal["aws", "elsewhere"] = "elsewhere"
    """Where the service runs."""

    @property
    def return_cookies(self) -> bool:
        """Whether every kind of them returns cookies."""
        return set(self.kinds) <= {"browser"} if self.cookies is None else self.cookies
