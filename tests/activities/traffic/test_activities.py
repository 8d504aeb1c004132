"""The rules of moving traffic, over every route that a release and a stranger could set."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.traffic.activities import TrafficActivities
from tests.fakes.traffic import FakeRouter, FakeTraffic
from workflows.domain.errors import Diverged, Refused, Unavailable
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import Provider, Target, digest_of
from workflows.ports.traffic import ObserveRoute, ShiftTraffic, WithdrawVersion

OLD, NEW, OTHER = (digest_of(name) for name in ("old", "new", "other"))
SERVICE = "checkout"
TARGET = Target(service=SERVICE, environment="production")
ROUTER = Provider(type="fake", connection="production")
HEADER = HeaderRoute(header="x-canary", value="1")
BEFORE = Route(stable=OLD, release="before")


def shift(
    percent: int, *, stable: str | None = OLD, canary: str | None = NEW, header=None
) -> ShiftTraffic:
    return ShiftTraffic(
        target=TARGET,
        router=ROUTER,
        stable=stable,
        canary=canary,
        percent=percent,
        header=header,
        release="ours",
    )


LAST = shift(0, stable=NEW, canary=None).model_copy(update={"replaces": OLD})


def withdraw(version: str = NEW, restore: str | None = OLD) -> WithdrawVersion:
    return WithdrawVersion(
        target=TARGET, router=ROUTER, version=version, restore=restore, release="ours"
    )


def serving(route: Route) -> tuple[FakeRouter, TrafficActivities]:
    router = FakeRouter()
    router.routes[SERVICE] = route
    return router, TrafficActivities(lambda _: router)


ladders = st.lists(
    st.builds(shift, st.integers(0, 100), header=st.sampled_from([None, HEADER])), max_size=6
)
routes = st.builds(
    Route,
    stable=st.sampled_from([OLD, NEW, OTHER]),
    canary=st.sampled_from([None, OLD, NEW, OTHER]),
    percent=st.integers(0, 100),
    release=st.sampled_from(["ours", "theirs"]),
)


@given(ladders)
def test_withdrawing_after_any_part_of_a_ladder_restores_what_was_served(shifts):
    router, traffic = serving(BEFORE)
    for ask in shifts:
        assert traffic.shift_traffic(ask).percent == ask.percent

    traffic.withdraw_version(withdraw())
    after = traffic.withdraw_version(withdraw())

    assert after == router.routes[SERVICE]
    assert (after.stable, after.canary, after.header) == (OLD, None, None)
    assert after.release == ("ours" if shifts else "before")


@given(routes, ladders, st.booleans())
def test_a_version_of_somebody_else_is_never_overwritten(route, shifts, withdraws):
    foreign = route.digests - {OLD, NEW}
    router, traffic = serving(route)

    for ask in shifts:
        if foreign:
            with pytest.raises(Diverged):
                traffic.shift_traffic(ask)
    if foreign and withdraws and NEW in route.digests:
        with pytest.raises(Diverged):
            traffic.withdraw_version(withdraw())
    elif foreign and withdraws:
        assert traffic.withdraw_version(withdraw()) == route

    assert router.routes[SERVICE] == route


@given(st.integers(0, 100), st.sampled_from([None, HEADER]))
def test_asking_twice_changes_the_router_once(percent, header):
    router, traffic = serving(BEFORE)
    ask = shift(percent, header=header)

    assert traffic.shift_traffic(ask) == traffic.shift_traffic(ask)

    assert len(router.served) == 1


@pytest.mark.parametrize(
    ("served", "ask", "after"),
    [
        (Route(), shift(0, stable=NEW, canary=None), Route(stable=NEW, release="ours")),
        (Route(stable=NEW), withdraw(restore=None), Route(release="ours")),
        (BEFORE, withdraw(), BEFORE),
        (Route(), withdraw(), Route()),
        (Route(stable=OTHER, canary=OLD), withdraw(), Route(stable=OTHER, canary=OLD)),
        (
            Route(stable=OLD, canary=NEW, percent=100),
            withdraw(version=OLD, restore=NEW),
            Route(stable=NEW, release="ours"),
        ),
        (Route(stable=OLD, canary=NEW, percent=50), LAST, Route(stable=NEW, release="ours")),
        (Route(stable=NEW, release="ours"), LAST, Route(stable=NEW, release="ours")),
    ],
    ids=[
        "first",
        "undo of the first",
        "never shifted",
        "nothing",
        "not ours",
        "put in its place",
        "last shift",
        "last shift again",
    ],
)
def test_routes_before_and_after(served, ask, after):
    router, traffic = serving(served)
    change = traffic.shift_traffic if isinstance(ask, ShiftTraffic) else traffic.withdraw_version

    assert change(ask) == after
    assert router.routes[SERVICE] == after


@pytest.mark.parametrize(
    "served",
    [
        Route(stable=OLD, canary=NEW, percent=25, release="theirs"),
        Route(stable=OLD, canary=NEW, percent=50, release="theirs"),
        Route(stable=NEW, release="theirs"),
    ],
    ids=str,
)
def test_a_target_that_another_release_moves_to_the_same_version_is_not_moved(served):
    """Two would set one weight in turn, and the one that ends would be taken back again."""
    router, traffic = serving(served)

    with pytest.raises(Diverged, match="theirs"):
        traffic.shift_traffic(shift(25))

    assert router.routes[SERVICE] == served


@pytest.mark.parametrize(
    "served",
    [
        Route(stable=NEW, release="theirs"),
        Route(stable=OLD, canary=NEW, percent=25, release="theirs"),
    ],
    ids=str,
)
def test_a_version_that_another_release_put_there_is_not_withdrawn(served):
    """Two releases bring one build: the one that goes back leaves the other's in place."""
    router, traffic = serving(served)

    with pytest.raises(Diverged, match="because theirs set"):
        traffic.withdraw_version(withdraw())

    assert router.routes[SERVICE] == served


def test_a_version_is_given_back_to_the_release_that_had_put_it_there():
    """So that this one can still be rolled back, although another was tried after it."""
    router, traffic = serving(BEFORE)
    traffic.shift_traffic(shift(25))

    traffic.withdraw_version(withdraw().model_copy(update={"set_by": "before"}))

    assert router.routes[SERVICE] == BEFORE


def test_a_version_beside_one_that_was_not_there_is_left_for_a_person():
    route = Route(stable=OTHER, canary=NEW, percent=5, release="theirs")
    router, traffic = serving(route)

    with pytest.raises(Diverged, match="beside"):
        traffic.withdraw_version(withdraw(restore=None))

    assert router.routes[SERVICE] == route


@pytest.mark.parametrize(
    "served", [Route(stable=OTHER), Route(stable=OLD, canary=OTHER, percent=5)], ids=str
)
def test_the_last_shift_takes_only_its_own_predecessor_out_of_the_route(served):
    router, traffic = serving(served)

    with pytest.raises(Diverged, match="does not know"):
        traffic.shift_traffic(LAST)

    assert router.routes[SERVICE] == served


@pytest.mark.parametrize("stable", [None, NEW])
def test_a_canary_needs_a_stable_version_for_the_rest(stable):
    router, traffic = serving(Route())

    with pytest.raises(Refused, match="leaves no version for the rest"):
        traffic.shift_traffic(shift(10, stable=stable))

    assert router.served == []


def test_a_router_that_serves_something_else_than_it_was_told_has_diverged():
    class Deaf(FakeRouter):
        def serve(self, service, route, *, instead_of):
            self.served.append(route)

    router = Deaf()
    router.routes[SERVICE] = BEFORE

    with pytest.raises(Diverged, match=r"was set to 10% .* but the router serves all traffic"):
        TrafficActivities(lambda _: router).shift_traffic(shift(10))


def test_observing_changes_nothing():
    router, traffic = serving(BEFORE)

    assert traffic.observe_route(ObserveRoute(target=TARGET, router=ROUTER)) == BEFORE
    assert router.served == []


def test_the_fake_fails_as_it_is_told():
    fake = FakeTraffic()
    fake.put(TARGET, BEFORE)
    fake.unavailable = 1
    with pytest.raises(Unavailable):
        fake.shift_traffic(shift(10))
    assert fake.shift_traffic(shift(10)).percent == 10

    fake.stuck.add(TARGET)
    with pytest.raises(Refused):
        fake.withdraw_version(withdraw())

    assert fake.route(TARGET).percent == 10
    assert len(fake.asks) == 2


def test_copies_are_for_a_canary_without_users_of_its_own():
    """Its metrics could not tell its users from the copies, and its share not be measured."""
    router, traffic = serving(BEFORE)
    copied = shift(0).model_copy(update={"mirror": 50})

    assert traffic.shift_traffic(copied).mirror == 50
    with pytest.raises(Refused, match="mirror at 0%"):
        traffic.shift_traffic(copied.model_copy(update={"percent": 5}))

    assert router.routes[SERVICE].percent == 0


def test_a_route_that_has_not_spread_is_not_answered_however_often_it_is_asked_for():
    router, traffic = serving(BEFORE)
    router.pending = True

    for _ in range(2):
        with pytest.raises(Unavailable):
            traffic.shift_traffic(shift(10))
    with pytest.raises(Unavailable):
        traffic.withdraw_version(withdraw())
    with pytest.raises(Unavailable):  # what it set is there, and still not everywhere
        traffic.withdraw_version(withdraw())


def test_an_answer_tells_when_the_last_client_has_come_over():
    router, traffic = serving(BEFORE)
    router.settling = timedelta(seconds=60)
    sessions = Affinity(by="cookie", name="session")

    answer = traffic.shift_traffic(shift(10).model_copy(update={"affinity": sessions}))

    assert answer.settles_after == timedelta(seconds=60)
    assert router.routes[SERVICE].affinity == sessions
    assert traffic.withdraw_version(withdraw()).settles_after == timedelta(seconds=60)


def test_a_change_that_the_router_loses_is_noticed():
    router, traffic = serving(BEFORE)
    router.loses = True

    with pytest.raises(Diverged, match="but the router serves all traffic to"):
        traffic.shift_traffic(shift(10))
