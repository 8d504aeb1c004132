"""TrafficPort, for whatever router each target is behind."""

from collections.abc import Callable

import structlog

from activities.traffic.router import Router
from workflows.domain.errors import Diverged, Refused
from workflows.domain.traffic.route import Route
from workflows.domain.values import Provider, Target, short
from workflows.ports.traffic import ObserveRoute, ShiftTraffic, TrafficPort, WithdrawVersion

log = structlog.get_logger(__name__)


class TrafficActivities(TrafficPort):
    """Sets a route, then believes only what the router says it serves."""

    def __init__(self, router_for: Callable[[Provider], Router]) -> None:
        self._router_for = router_for

    def observe_route(self, ask: ObserveRoute) -> Route:
        return self._router_for(ask.router).read(ask.target.service)

    def shift_traffic(self, ask: ShiftTraffic) -> Route:
        wanted = _route_of(ask)
        router = self._router_for(ask.router)
        served = router.read(ask.target.service)
        if foreign := served.digests - wanted.digests - {ask.replaces}:
            raise Diverged(
                f"{ask.target} serves {_listed(foreign)}, which release {served.release} put "
                f"there and this release does not know: it expected {wanted}; found {served}"
            )
        if _is_anothers(served, ask.release) and served.digests - {wanted.stable, ask.replaces}:
            raise Diverged(
                f"{ask.target} is moved by {served.release} as well, which set {served}; let it "
                "end first, then start this release again"
            )
        return _set(router, ask.target, wanted, served=served)

    def withdraw_version(self, ask: WithdrawVersion) -> Route:
        router = self._router_for(ask.router)
        served = router.read(ask.target.service)
        restored = Route(stable=ask.restore, release=ask.set_by or ask.release)
        if ask.version not in served.digests:
            # Somebody else's route is only told; of our own it is asked whether it has spread.
            return _settling(router, ask.target, served) if served == restored else served
        if foreign := served.digests - {ask.version, ask.restore}:
            raise Diverged(
                f"{ask.target} serves {short(ask.version)} beside {_listed(foreign)}, expected "
                f"beside {short(ask.restore) if ask.restore else 'nothing'}; found {served}"
            )
        if _is_anothers(served, ask.release):
            raise Diverged(
                f"{ask.target} serves {short(ask.version)} because {served.release} set {served}: "
                f"roll that release back, or confirm that {short(ask.version)} stays"
            )
        return _set(router, ask.target, restored, served=served)


def _route_of(ask: ShiftTraffic) -> Route:
    """The route asked for.

    Raises:
        Refused: a canary without a stable version to take the rest, or beside itself; copies for
            a canary that has a share already.
    """
    if ask.canary is None:
        return Route(stable=ask.stable, release=ask.release)
    if ask.stable is None or ask.stable == ask.canary:
        beside = "nothing" if ask.stable is None else "itself"
        raise Refused(
            f"{ask.target}: canary {short(ask.canary)} beside {beside} leaves no version for the "
            "rest of the traffic; a first version is served as stable, without a canary"
        )
    if ask.mirror and ask.percent:
        raise Refused(
            f"{ask.target}: a canary with {ask.percent}% of the traffic gets no copies of another "
            f"{ask.mirror}%: nobody could tell its users from the copies; mirror at 0%"
        )
    return Route(
        stable=ask.stable,
        canary=ask.canary,
        percent=ask.percent,
        header=ask.header,
        affinity=ask.affinity,
        mirror=ask.mirror,
        release=ask.release,
    )


def _is_anothers(served: Route, release: str) -> bool:
    """Whether another release set the route; a route that nobody signed is nobody's."""
    return served.release not in {None, release}


def _set(router: Router, target: Target, wanted: Route, *, served: Route) -> Route:
    if served == wanted:
        return _settling(router, target, served)
    router.serve(target.service, wanted, instead_of=served)
    log.info(
        "route_set",
        target=str(target),
        stable=wanted.stable,
        canary=wanted.canary,
        canary_percent=wanted.percent,
    )
    if (now := router.read(target.service)) != wanted:
        raise Diverged(f"{target} was set to {wanted}, but the router serves {now}")
    return _settling(router, target, now)


def _settling(router: Router, target: Target, served: Route) -> Route:
    return served.model_copy(update={"settles_after": router.settles_after(target.service)})


def _listed(digests: frozenset[str]) -> str:
    return ", ".join(short(digest) for digest in sorted(digests))
