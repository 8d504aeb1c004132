"""A worker killed before or after any call to AWS leaves what the next attempt goes on from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.traffic.activities import TrafficActivities
from activities.traffic.router import Router
from tests.contract.envoy_mesh import SERVICE
from tests.contract.routing import HEADER, V1, V2, a_fake_listener, a_fake_zone
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import Provider, Target
from workflows.ports.traffic import ShiftTraffic, WithdrawVersion

TARGET = Target(service=SERVICE, environment="test")
ROUTER = Provider(type="any", connection="test")
OTHER = HeaderRoute(header="x-tester", value="1")
STICKY = Affinity(by="router", lasts=timedelta(hours=1))
WORLDS = {"route53": a_fake_zone, "alb": a_fake_listener}


class Killed(BaseException):
    """What no code of ours can catch, as little as a SIGKILL."""


@dataclass
class Mortal:
    """A client whose worker is killed at its *at*-th call, before it or just after it."""

    client: Any
    at: int
    after: bool
    calls: int = 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.client, name)

        def dying(**asked: Any) -> Any:
            self.calls += 1
            if self.calls == self.at and not self.after:
                raise Killed
            answer = call(**asked)
            if self.calls == self.at:
                raise Killed
            return answer

        return dying


def shift(percent: int, **more: Any) -> ShiftTraffic:
    asked = {"stable": V1, "canary": V2, "percent": percent, "release": "release-2", **more}
    return ShiftTraffic(target=TARGET, router=ROUTER, **asked)


def a_ladder(kind: str) -> list[ShiftTraffic]:
    first = shift(0, canary=None, release="release-1")
    last = shift(0, stable=V2, canary=None, replaces=V1)
    if kind == "route53":
        return [first, shift(0), shift(10), shift(60), last]
    headers = [shift(0, header=HEADER), shift(10, header=OTHER), shift(10, affinity=STICKY)]
    return [first, *headers, shift(60, header=HEADER, affinity=STICKY), last]


def withdraw() -> WithdrawVersion:
    return WithdrawVersion(
        target=TARGET, router=ROUTER, version=V2, restore=V1, set_by="release-1", release="r"
    )


def asked(router: Router, ask: ShiftTraffic | WithdrawVersion) -> Route:
    traffic = TrafficActivities(lambda _: router)
    if isinstance(ask, ShiftTraffic):
        return traffic.shift_traffic(ask)
    return traffic.withdraw_version(ask)


def transitions(kind: str) -> Iterator[tuple[list[ShiftTraffic], ShiftTraffic | WithdrawVersion]]:
    """What was served before, and what is asked for then."""
    ladder = a_ladder(kind)
    for number, (_, ask) in enumerate(pairwise(ladder), start=1):
        yield ladder[:number], ask
    for number in range(2, len(ladder)):
        yield ladder[:number], withdraw().model_copy(update={"release": "release-2"})


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", WORLDS)
def test_whatever_call_it_is_the_next_attempt_ends_as_if_nothing_had_happened(kind, after):
    killed = 0
    for before, ask in transitions(kind):
        at = 0
        while True:
            at += 1
            client, router = WORLDS[kind]()
            for step in before:
                asked(router, step)
            listener_or_zone = _holder(router)
            mortal = Mortal(client, at=at, after=after)
            listener_or_zone._client = lambda mortal=mortal: mortal
            try:
                undisturbed = asked(router, ask)
            except Killed:
                killed += 1
            else:
                break
            listener_or_zone._client = lambda client=client: client

            left = router.read(SERVICE)
            assert left.digests <= {V1, V2}, (ask, at, left)
            assert left.percent <= max(step.percent for step in [*before, ask_of(ask)])
            again = asked(router, ask)
            assert router.read(SERVICE) == again.model_copy(update={"settles_after": timedelta(0)})
            assert (again.stable, again.canary, again.percent, again.header) == expected(ask)
        assert (undisturbed.stable, undisturbed.canary) == expected(ask)[:2]

    assert killed > 20


def _holder(router: Any) -> Any:
    """What of a router holds its client."""
    return getattr(router, "_listener", router)


def ask_of(ask: ShiftTraffic | WithdrawVersion) -> ShiftTraffic:
    return ask if isinstance(ask, ShiftTraffic) else shift(0)


def expected(ask: ShiftTraffic | WithdrawVersion) -> tuple[Any, ...]:
    if isinstance(ask, WithdrawVersion):
        return V1, None, 0, None
    return ask.stable, ask.canary, ask.percent, ask.header


percents = st.integers(0, 100)


@pytest.mark.parametrize("kind", WORLDS)
@given(data=st.data())
def test_every_route_is_read_as_it_was_set_whatever_was_served_before(kind, data):
    _, router = WORLDS[kind]()
    headers = st.none() if kind == "route53" else st.sampled_from([None, HEADER, OTHER])
    kept = st.none() if kind == "route53" else st.sampled_from([None, STICKY])
    routes = st.one_of(
        st.builds(Route, stable=st.sampled_from([None, V1, V2]), release=st.just("release-1")),
        st.builds(
            Route,
            stable=st.just(V1),
            canary=st.just(V2),
            percent=percents,
            header=headers,
            affinity=kept,
            release=st.sampled_from(["release-1", "release-2"]),
        ),
    )

    before = Route()
    for route in data.draw(st.lists(routes, max_size=6)):
        router.serve(SERVICE, route, instead_of=before)
        before = router.read(SERVICE)
        assert before == route
