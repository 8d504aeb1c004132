"""What a load balancer, its targets and its other users may do, and no emulator does."""

from datetime import timedelta

import pytest

from activities.traffic.activities import TrafficActivities
from activities.traffic.alb_rules import DIGEST_TAG, actions, conditions, group_name
from tests.contract.routing import (
    CANARY,
    HEADER,
    SERVICE,
    STABLE,
    V1,
    V2,
    a_fake_listener,
)
from tests.fakes.elbv2 import LISTENER
from workflows.domain.errors import Diverged, Refused, Unavailable
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import Provider, Target
from workflows.ports.traffic import ShiftTraffic, WithdrawVersion

HOST = "checkout.example.test"
TARGET = Target(service=SERVICE, environment="test")
ROUTER = Provider(type="alb", connection="test")
NEW_GROUP = f"arn:targetgroup/{group_name(SERVICE, V2)}"


@pytest.fixture
def world():
    now = [0.0]

    def rest(seconds):
        now[0] += seconds

    return a_fake_listener(clock=lambda: now[0], rest=rest)


def shift(percent: int, **more) -> ShiftTraffic:
    asked = {"stable": V1, "canary": V2, "percent": percent, "release": "release-2", **more}
    return ShiftTraffic(target=TARGET, router=ROUTER, **asked)


def rule_at(balancer, priority: int) -> dict:
    (found,) = [r for r in balancer.rules.values() if r["Priority"] == str(priority)]
    return found


def weights(rule) -> list[int]:
    groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    return [group["Weight"] for group in groups]


def test_a_version_gets_no_weight_before_it_is_healthy_and_is_attached_so_that_it_can_be(world):
    """AWS looks after targets only once a rule names them, so it would be waited for in vain."""
    balancer, router = world
    router.serve(SERVICE, STABLE, instead_of=Route())
    balancer.looks[NEW_GROUP] = None
    traffic = TrafficActivities(lambda _: router)

    for _ in range(2):
        with pytest.raises(Unavailable, match="no healthy target"):
            traffic.shift_traffic(shift(25))
        assert weights(rule_at(balancer, 10)) == [0, 100]
        assert router.read(SERVICE) == Route(stable=V1, canary=V2, release="release-2")

    balancer.looks[NEW_GROUP] = 2
    assert traffic.shift_traffic(shift(25)).percent == 25


def test_a_first_version_is_not_served_before_it_is_healthy(world):
    balancer, router = world
    balancer.looks[NEW_GROUP] = None
    first = shift(0, stable=V2, canary=None)
    traffic = TrafficActivities(lambda _: router)

    for _ in range(2):
        with pytest.raises(Unavailable, match="no healthy target"):
            traffic.shift_traffic(first)

    balancer.looks[NEW_GROUP] = 0
    assert traffic.shift_traffic(first).stable == V2


def test_going_back_does_not_wait_for_the_version_that_never_stopped_serving(world):
    balancer, router = world
    router.serve(SERVICE, STABLE, instead_of=Route())
    router.serve(SERVICE, CANARY, instead_of=STABLE)
    balancer.looks = dict.fromkeys(balancer.looks, None)

    router.serve(SERVICE, STABLE, instead_of=CANARY)

    assert router.read(SERVICE) == STABLE


def test_going_back_does_not_ask_the_platform_for_the_version_that_is_withdrawn(world):
    """It may be gone by now, and that must not keep users on it."""
    balancer, router = world
    router.serve(SERVICE, STABLE, instead_of=Route())
    router.serve(SERVICE, CANARY, instead_of=STABLE)
    balancer.tags[NEW_GROUP] = {}

    router.serve(SERVICE, STABLE, instead_of=CANARY)

    assert router.read(SERVICE) == STABLE


def test_the_header_has_a_rule_of_its_own_before_the_shares(world):
    balancer, router = world
    route = CANARY.model_copy(update={"percent": 0, "header": HEADER})
    router.serve(SERVICE, STABLE, instead_of=Route())

    router.serve(SERVICE, route, instead_of=STABLE)

    header, shares = rule_at(balancer, 9), rule_at(balancer, 10)
    assert weights(header) == [1]
    assert header["Actions"][0]["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"] == NEW_GROUP
    assert weights(shares) == [0, 100]
    router.serve(SERVICE, STABLE, instead_of=route)
    assert [rule["Priority"] for rule in balancer.rules.values()] == ["10"]


def test_another_header_takes_the_place_of_the_one_before(world):
    _, router = world
    route = CANARY.model_copy(update={"percent": 0, "header": HEADER})
    other = route.model_copy(update={"header": HeaderRoute(header="x-tester", value="1")})
    router.serve(SERVICE, route, instead_of=Route())

    router.serve(SERVICE, other, instead_of=route)

    assert router.read(SERVICE) == other


def test_a_header_that_would_match_more_than_its_value_changes_nothing(world):
    balancer, router = world
    wild = CANARY.model_copy(update={"header": HeaderRoute(header="x-canary", value="*")})

    with pytest.raises(Refused, match="any letters"):
        router.serve(SERVICE, wild, instead_of=Route())

    assert balancer.rules == {}


@pytest.mark.parametrize("dies_before", ["modify_rule", "delete_rule", "create_rule"])
def test_a_worker_killed_between_two_calls_leaves_a_route_that_can_be_gone_on_from(
    world, monkeypatch, dies_before
):
    """Tags and weights, and the two rules, cannot be changed in one call."""
    balancer, router = world
    first = CANARY.model_copy(update={"percent": 0, "header": HEADER})
    other = HeaderRoute(header="x-tester", value="1")
    then = CANARY.model_copy(update={"percent": 50, "header": other})
    router.serve(SERVICE, first, instead_of=Route())

    class Killed(BaseException):
        pass

    def die(**_asked):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(balancer, dies_before, die)
        with pytest.raises(Killed):
            router.serve(SERVICE, then, instead_of=first)

    left = router.read(SERVICE)
    assert left.digests == {V1, V2}
    assert left.release == "release-2"
    router.serve(SERVICE, then, instead_of=left)
    assert router.read(SERVICE) == then


def test_sessions_that_the_balancer_keeps_are_waited_for_while_a_share_grows(world):
    _, router = world
    hour = timedelta(hours=1)
    sticky = CANARY.model_copy(update={"affinity": Affinity(by="router", lasts=hour)})
    router.serve(SERVICE, sticky, instead_of=Route())
    assert router.settles_after(SERVICE) == hour

    router.serve(SERVICE, STABLE, instead_of=sticky)

    # A group that no rule names any more takes no request, whatever the cookie says.
    assert router.settles_after(SERVICE) == timedelta(seconds=10)


@pytest.mark.parametrize("fault", ["loses", "weighs"])
def test_a_weight_that_is_lost_or_another_one_is_noticed(world, fault):
    balancer, router = world
    traffic = TrafficActivities(lambda _: router)
    traffic.shift_traffic(shift(0, canary=None))
    traffic.shift_traffic(shift(5))
    setattr(balancer, fault, {"loses": True, "weighs": 40}[fault])

    with pytest.raises(Diverged, match=r"but the router serves 5%|does not serve what"):
        traffic.shift_traffic(shift(10))


@pytest.mark.parametrize("priority", [9, 10])
def test_a_rule_of_somebody_else_at_our_priority_is_left_alone(world, priority):
    balancer, router = world
    balancer.create_rule(
        ListenerArn=LISTENER,
        Priority=priority,
        Conditions=conditions("elsewhere.test"),
        Actions=actions({}),
        Tags=[],
    )

    with pytest.raises(Diverged, match="another priority"):
        router.serve(SERVICE, STABLE, instead_of=Route())

    assert len(balancer.rules) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"Actions": actions({NEW_GROUP: 100})},
        {"Conditions": conditions("elsewhere.test")},
        {"Conditions": conditions(HOST, HEADER)},
    ],
    ids=["target", "host", "narrowed"],
)
def test_a_rule_that_somebody_changed_is_diverged(world, change):
    balancer, router = world
    router.serve(SERVICE, STABLE, instead_of=Route())
    rule = rule_at(balancer, 10)
    balancer.rules[rule["RuleArn"]] = {**rule, **change}

    with pytest.raises(Diverged, match=r"does not serve what|expected conditions"):
        router.read(SERVICE)


def test_a_header_rule_that_sends_elsewhere_is_diverged(world):
    balancer, router = world
    route = CANARY.model_copy(update={"percent": 0, "header": HEADER})
    router.serve(SERVICE, route, instead_of=Route())
    rule = rule_at(balancer, 9)
    old = f"arn:targetgroup/{group_name(SERVICE, V1)}"
    balancer.rules[rule["RuleArn"]] = {**rule, "Actions": actions({old: 100})}

    with pytest.raises(Diverged, match="expected a header for"):
        router.read(SERVICE)


def test_a_target_group_of_another_build_is_never_weighed(world):
    balancer, router = world
    router.serve(SERVICE, STABLE, instead_of=Route())
    balancer.tags[NEW_GROUP] = {DIGEST_TAG: V1}

    with pytest.raises(Refused, match="found sha256"):
        router.serve(SERVICE, CANARY, instead_of=STABLE)

    assert router.read(SERVICE) == STABLE


def test_withdrawing_is_told_when_it_has_come_to_every_node(world):
    _, router = world
    traffic = TrafficActivities(lambda _: router)
    router.serve(SERVICE, STABLE, instead_of=Route())
    traffic.shift_traffic(shift(25, header=HEADER))
    withdraw = WithdrawVersion(
        target=TARGET, router=ROUTER, version=V2, restore=V1, release="release-2"
    )

    answer = traffic.withdraw_version(withdraw)

    assert (answer.stable, answer.canary, answer.header) == (V1, None, None)
    assert answer.settles_after == timedelta(seconds=10)
