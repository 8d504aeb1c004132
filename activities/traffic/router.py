"""What a traffic router must be able to do; one module beside this one per kind of router."""

from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Protocol

from workflows.domain.errors import Refused
from workflows.domain.traffic.route import Capability, Route


class Router(Protocol):
    """Serves each service by one route."""

    @property
    def can(self) -> frozenset[Capability]:
        """What it can do beyond shares; a route that needs more is refused, never cut down."""
        ...

    def read(self, service: str) -> Route:
        """The route served now, read from the router and not from memory.

        Raises:
            TargetMissing: the router has no such service.
            Unavailable: the router does not answer.
            Diverged: what it serves was not set by a release.
        """
        ...

    def serve(self, service: str, route: Route, *, instead_of: Route) -> None:
        """Replace the route *instead_of* by *route*, and return once the router has taken it.

        Raises:
            TargetMissing: the router has no such service, or a version of *route* does not run.
            Unavailable: the router does not answer, or did not take the route in time.
            Refused: the router cannot serve the route, or says so; it keeps the old one.
            Diverged: it no longer serves *instead_of*; nothing was changed.
        """
        ...

    def settles_after(self, service: str) -> timedelta:
        """How long some clients may still be served by the route before the one `read` gives.

        Safe to ask again, by another worker too: one that does not know is not believed to know.

        Raises:
            Unavailable: the router has not spread the route yet, or does not answer.
        """
        ...


def expect_able(router: str, can: AbstractSet[Capability], route: Route) -> None:
    """Turn back before anything is changed when *route* asks for more than the router can.

    Raises:
        Refused: it does; the message names what is asked and what this router offers.
    """
    if lacking := route.needs - can:
        offered = ", ".join(sorted(can)) or "shares alone"
        raise Refused(
            f"{router} cannot serve {route}: it has no {', '.join(sorted(lacking))}; it offers "
            f"{offered}. Leave that out of the strategy, or use another router: "
            "`lockgate strategy router` compares them"
        )
