"""What a traffic router must be able to do; one module beside this one per kind of router."""

from typing import Protocol

from workflows.domain.route import Route


class Router(Protocol):
    """Serves each service by one route."""

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
            Refused: the router says that it cannot serve the route; it keeps the old one.
            Diverged: it no longer serves *instead_of*; nothing was changed.
        """
        ...
