"""One suite for every router: the fake, Envoy, Route 53 and ALB, real or emulated or in memory."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from activities.traffic import ROUTERS
from activities.traffic.activities import TrafficActivities
from activities.traffic.router import Router
from tests.contract.envoy_mesh import SERVICE
from tests.contract.routing import (
    CANARY,
    HEADER,
    STABLE,
    V1,
    V2,
    V9,
    a_fake,
    a_fake_listener,
    a_fake_zone,
    an_emulated_listener,
    an_emulated_zone,
    an_envoy,
)
from workflows.domain.errors import Diverged, Refused, TargetMissing
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import CAN, Capability, Route
from workflows.domain.values import Provider, Target
from workflows.ports.traffic import ShiftTraffic, WithdrawVersion

TARGET = Target(service=SERVICE, environment="test")
ROUTER = Provider(type="any", connection="test")
BEFORE_USERS = CANARY.model_copy(update={"header": HEADER, "percent": 0})
HOUR = timedelta(hours=1)
DEMANDING = {
    Capability.HEADER: BEFORE_USERS,
    Capability.AFFINITY_BY_HEADER: CANARY.model_copy(
        update={"affinity": Affinity(by="header", name="x-session-id")}
    ),
    Capability.AFFINITY_BY_COOKIE: CANARY.model_copy(
        update={"affinity": Affinity(by="cookie", name="session")}
    ),
    Capability.AFFINITY_BY_ROUTER: CANARY.model_copy(
        update={"affinity": Affinity(by="router", lasts=HOUR)}
    ),
    Capability.MIRROR: BEFORE_USERS.model_copy(update={"header": None, "mirror": 40}),
}


@pytest.fixture(
    params=[
        "fake",
        "envoy",
        "route53 in memory",
        "route53 of moto",
        "route53 of ministack",
        "alb in memory",
        "alb of moto",
    ]
)
def router(request: pytest.FixtureRequest) -> Iterator[Router]:
    match request.param:
        case "envoy":
            with an_envoy(request.getfixturevalue("tmp_path")) as envoy:
                yield envoy
        case "route53 in memory":
            yield a_fake_zone()[1]
        case "route53 of moto" | "route53 of ministack":
            emulator = request.param.rpartition(" ")[2]
            yield an_emulated_zone(request.getfixturevalue(emulator))
        case "alb in memory":
            yield a_fake_listener()[1]
        case "alb of moto":
            with an_emulated_listener(request.getfixturevalue("moto")) as emulated:
                yield emulated
        case _:
            yield a_fake()


@pytest.fixture
def traffic(router: Router) -> TrafficActivities:
    return TrafficActivities(lambda _: router)


def test_every_type_of_router_is_known_to_plans_by_what_it_can():
    assert {name: router.can for name, router in ROUTERS.items()} == CAN


def plain(route: Route) -> Route:
    """An answer without what only answers say."""
    return route.model_copy(update={"settles_after": timedelta(0)})


def shift(canary: str | None = V2, percent: int = 25, **more) -> ShiftTraffic:
    asked = {"stable": V1, "canary": canary, "percent": percent, "release": "release-2", **more}
    return ShiftTraffic(target=TARGET, router=ROUTER, **asked)


def withdraw(restore: str | None = V1) -> WithdrawVersion:
    return WithdrawVersion(
        target=TARGET, router=ROUTER, version=V2, restore=restore, release="release-2"
    )


@pytest.mark.parametrize(
    "route",
    [
        STABLE,
        CANARY,
        CANARY.model_copy(update={"percent": 100}),
        Route(release="release-3"),
    ],
    ids=str,
)
def test_a_route_is_read_back_as_it_was_set(router, route):
    assert router.read(SERVICE) == Route()

    router.serve(SERVICE, route, instead_of=Route())

    assert router.read(SERVICE) == route


def test_serving_what_is_served_already_is_harmless(router):
    router.serve(SERVICE, CANARY, instead_of=Route())

    router.serve(SERVICE, CANARY, instead_of=CANARY)

    assert router.read(SERVICE) == CANARY


def test_a_route_that_somebody_changed_meanwhile_is_left_as_it_is(router):
    router.serve(SERVICE, STABLE, instead_of=Route())

    with pytest.raises(Diverged, match="all traffic to nothing"):
        router.serve(SERVICE, CANARY, instead_of=Route())

    assert router.read(SERVICE) == STABLE


def test_a_version_that_does_not_run_is_never_routed_to(router):
    router.serve(SERVICE, STABLE, instead_of=Route())

    with pytest.raises(TargetMissing):
        router.serve(SERVICE, CANARY.model_copy(update={"canary": V9}), instead_of=STABLE)

    assert router.read(SERVICE) == STABLE


def test_a_service_unknown_to_the_router_is_missing(router):
    with pytest.raises(TargetMissing):
        router.read("nosuch")


def test_a_ladder_ends_with_the_new_version_alone(traffic, router):
    traffic.shift_traffic(shift(canary=None, percent=0))

    for percent in (0, 25, 100):
        assert traffic.shift_traffic(shift(percent=percent)).percent == percent
    last = shift(canary=None, percent=0, stable=V2, replaces=V1)

    assert plain(traffic.shift_traffic(last)) == Route(stable=V2, release="release-2")


def test_withdrawing_restores_the_old_version_and_can_be_repeated(traffic, router):
    router.serve(SERVICE, STABLE, instead_of=Route())
    traffic.shift_traffic(shift())

    first, second = traffic.withdraw_version(withdraw()), traffic.withdraw_version(withdraw())

    assert plain(first) == plain(second) == Route(stable=V1, release="release-2")


def test_a_foreign_version_is_never_overwritten(traffic, router):
    foreign = Route(stable=V2, release="somebody")
    router.serve(SERVICE, foreign, instead_of=Route())

    with pytest.raises(Diverged, match="somebody"):
        traffic.shift_traffic(shift(canary=None))

    assert router.read(SERVICE) == foreign


@pytest.mark.parametrize("capability", Capability)
def test_what_a_router_can_is_read_back_and_what_it_cannot_changes_nothing(router, capability):
    """Never silently less than was asked for."""
    router.serve(SERVICE, STABLE, instead_of=Route())
    demanding = DEMANDING[capability]
    assert demanding.needs == {capability}

    if capability in router.can:
        router.serve(SERVICE, demanding, instead_of=STABLE)
        assert router.read(SERVICE) == demanding
        router.serve(SERVICE, CANARY, instead_of=demanding)
        assert router.read(SERVICE) == CANARY
    else:
        with pytest.raises(Refused, match=capability):
            router.serve(SERVICE, demanding, instead_of=STABLE)
        assert router.read(SERVICE) == STABLE


def test_what_is_settled_is_said_by_whoever_is_asked_again(router):
    router.serve(SERVICE, CANARY, instead_of=Route())

    first, second = router.settles_after(SERVICE), router.settles_after(SERVICE)

    assert timedelta(0) <= second <= first
    assert router.read(SERVICE) == CANARY


def test_a_service_that_was_never_served_can_be_taken_back(traffic):
    assert plain(traffic.withdraw_version(withdraw(restore=None))) == Route()


def test_the_first_version_is_served_alone_and_withdrawn_to_nothing(traffic, router):
    traffic.shift_traffic(shift(canary=None, percent=0, stable=V2))

    assert plain(traffic.withdraw_version(withdraw(restore=None))) == Route(release="release-2")
    assert router.read(SERVICE).digests == frozenset()
