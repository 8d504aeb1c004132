"""The rules of TrafficActivities over a router held in memory."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from activities.traffic.activities import TrafficActivities
from activities.traffic.router import expect_able
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.traffic.route import Capability, Route
from workflows.domain.values import Provider, Target
from workflows.ports.traffic import ObserveRoute, ShiftTraffic, WithdrawVersion

AskT = TypeVar("AskT", ObserveRoute, ShiftTraffic, WithdrawVersion)


class FakeRouter:
    """Knows every service, unless *services* lists them; runs every version but *missing*.

    It can do what no emulator does: stay `pending`, lose a change (`loses`), and take `settling`
    until all clients see a route.
    """

    def __init__(self, services: set[str] | None = None) -> None:
        self.can = frozenset(Capability)
        self.routes: dict[str, Route] = {}
        self.services = services
        self.missing: set[str] = set()
        self.served: list[Route] = []
        self.settling = timedelta(0)
        self.pending = False
        self.loses = False

    def read(self, service: str) -> Route:
        if self.services is not None and service not in self.services:
            raise TargetMissing(f"no service {service!r}")
        return self.routes.get(service, Route())

    def serve(self, service: str, route: Route, *, instead_of: Route) -> None:
        expect_able("the fake", self.can, route)
        if (found := self.read(service)) != instead_of:
            raise Diverged(f"expected {instead_of}, found {found}")
        if absent := route.digests & self.missing:
            raise TargetMissing(f"{service}: {sorted(absent)} do not run")
        if not self.loses:
            self.routes[service] = route
        self.served.append(route)

    def settles_after(self, service: str) -> timedelta:
        self.read(service)
        if self.pending:
            raise Unavailable(f"{service}: the route has not spread yet")
        return self.settling


class FakeTraffic(TrafficActivities):
    """One in-memory router per provider; `stuck` and `unavailable` make changes fail.

    A target in `stuck` refuses to be changed, for good; the next `unavailable` asks fail as if
    the router did not answer; `asks` lists what was asked, in order.
    """

    def __init__(self) -> None:
        super().__init__(self.router)
        self.routers: dict[Provider, FakeRouter] = {}
        self.stuck: set[Target] = set()
        self.unavailable = 0
        self.asks: list[ObserveRoute | ShiftTraffic | WithdrawVersion] = []

    def router(self, provider: Provider) -> FakeRouter:
        return self.routers.setdefault(provider, FakeRouter())

    def route(self, target: Target) -> Route:
        """What is served of *target* in the router whose connection is its environment."""
        for provider, router in self.routers.items():
            if provider.connection == target.environment:
                return router.read(target.service)
        return Route()

    def put(self, target: Target, route: Route, *, type: str = "fake") -> None:
        """Serve *route*, whoever may have set it."""
        provider = Provider(type=type, connection=target.environment)
        self.router(provider).routes[target.service] = route

    def observe_route(self, ask: ObserveRoute) -> Route:
        return self._answer(ask, super().observe_route)

    def shift_traffic(self, ask: ShiftTraffic) -> Route:
        self._refuse_if_stuck(ask.target)
        return self._answer(ask, super().shift_traffic)

    def withdraw_version(self, ask: WithdrawVersion) -> Route:
        self._refuse_if_stuck(ask.target)
        return self._answer(ask, super().withdraw_version)

    def _refuse_if_stuck(self, target: Target) -> None:
        if target in self.stuck:
            raise Refused(f"the router refuses every change of {target}")

    def _answer(self, ask: AskT, rule: Callable[[AskT], Route]) -> Route:
        self.asks.append(ask)
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable("the router does not answer")
        return rule(ask)
