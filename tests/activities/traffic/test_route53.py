"""What Route 53 may do to a change, and no emulator does."""

from datetime import timedelta

import pytest

from activities.traffic.activities import TrafficActivities
from tests.contract.routing import CANARY, SERVICE, STABLE, TTL, V1, V2, a_fake_zone, a_zone
from workflows.domain.errors import Diverged, TargetMissing, Unavailable
from workflows.domain.traffic.route import Route
from workflows.domain.values import Provider, Target, arm_name
from workflows.ports.traffic import ShiftTraffic, WithdrawVersion

NAME = "checkout.example.test"
TARGET = Target(service=SERVICE, environment="test")
ROUTER = Provider(type="route53", connection="test")


class Clock:
    """Time that passes only while somebody waits for it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def rest(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock):
    return a_fake_zone(clock=clock, rest=clock.rest)


def shift(percent: int, *, canary: str | None = V2) -> ShiftTraffic:
    return ShiftTraffic(
        target=TARGET,
        router=ROUTER,
        stable=V1,
        canary=canary,
        percent=percent,
        release="release-2",
    )


def test_a_route_settles_a_ttl_after_all_servers_have_it(world, clock):
    zone, router = world
    zone.looks = 3

    router.serve(SERVICE, CANARY, instead_of=Route())

    assert clock.now == 6
    assert router.settles_after(SERVICE) == TTL
    clock.now += 45
    assert router.settles_after(SERVICE) == timedelta(seconds=15)
    clock.now += 3600
    assert router.settles_after(SERVICE) == timedelta(0)


def test_a_change_that_stays_pending_is_never_said_to_be_served(world):
    """Not by the attempt that made it, nor by those after it, which find the records set."""
    zone, router = world
    zone.looks = None
    traffic = TrafficActivities(lambda _: router)

    for _ in range(3):
        with pytest.raises(Unavailable, match="expected INSYNC"):
            traffic.shift_traffic(shift(0, canary=None))
    assert len(zone.batches) == 3  # two versions that run, one route

    zone.spread()
    assert traffic.shift_traffic(shift(0, canary=None)).settles_after == TTL


def test_another_worker_does_not_believe_what_it_has_not_seen(world, clock):
    """The id of a change dies with its worker; the same records are set anew and waited for."""
    zone, router = world
    zone.looks = None
    with pytest.raises(Unavailable):
        router.serve(SERVICE, CANARY, instead_of=Route())
    zone.spread()

    other = a_zone(zone, clock=clock, rest=clock.rest)
    before = len(zone.batches)

    assert other.settles_after(SERVICE) == TTL
    assert other.settles_after(SERVICE) == TTL
    (again,) = zone.batches[before:]
    named = [change["ResourceRecordSet"].get("SetIdentifier") for change in again]
    assert {arm_name(SERVICE, V1), arm_name(SERVICE, V2)} <= set(named)
    assert other.read(SERVICE) == router.read(SERVICE) == CANARY


def test_what_a_worker_has_seen_spread_says_nothing_of_what_another_has_set_since(world, clock):
    zone, router = world
    router.serve(SERVICE, STABLE, instead_of=Route())
    clock.now += 3600
    a_zone(zone).serve(SERVICE, CANARY, instead_of=STABLE)

    assert router.settles_after(SERVICE) == TTL


def test_an_old_ttl_is_waited_for_when_it_was_longer(world, clock):
    zone, router = world
    router.serve(SERVICE, STABLE, instead_of=Route())
    shorter = a_zone(zone, clock=clock, rest=clock.rest)
    shorter._ttl = timedelta(seconds=5)

    shorter.serve(SERVICE, CANARY, instead_of=STABLE)

    assert shorter.settles_after(SERVICE) == TTL


def test_a_change_that_is_lost_is_noticed(world):
    zone, router = world
    traffic = TrafficActivities(lambda _: router)
    traffic.shift_traffic(shift(0, canary=None))
    zone.loses = True

    with pytest.raises(Diverged, match="but the router serves all traffic to"):
        traffic.shift_traffic(shift(10))


def test_another_weight_than_the_one_set_is_noticed(world):
    zone, router = world
    traffic = TrafficActivities(lambda _: router)
    traffic.shift_traffic(shift(0, canary=None))
    zone.weighs = 40

    with pytest.raises(Diverged, match="not answered as a release has set it"):
        traffic.shift_traffic(shift(10))


@pytest.mark.parametrize(
    "foreign",
    [
        {"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.9"}]},
        {"Type": "A", "SetIdentifier": "mine", "Weight": 1, "TTL": 60, "ResourceRecords": []},
    ],
    ids=["simple", "weighted"],
)
def test_records_that_no_release_wrote_are_left_alone(world, foreign):
    zone, router = world
    zone.put({"Name": NAME, **foreign})
    before = dict(zone.records)

    with pytest.raises(Diverged, match=r"192\.0\.2\.9|mine"):
        router.serve(SERVICE, STABLE, instead_of=Route())

    assert zone.records == before


def test_a_record_changed_between_the_look_and_the_batch_makes_it_fail(world):
    zone, router = world
    router.serve(SERVICE, CANARY, instead_of=Route())
    look = zone.list_resource_record_sets

    def look_and_lose_the_race(**asked):
        page = look(**asked)
        if asked["StartRecordName"] == NAME:
            key = ("checkout.example.test.", "CNAME", arm_name(SERVICE, V2))
            zone.records[key] = {**zone.records[key], "Weight": 90}
        return page

    zone.list_resource_record_sets = look_and_lose_the_race

    with pytest.raises(Diverged, match="nothing was changed"):
        router.serve(SERVICE, STABLE, instead_of=CANARY)


def test_a_route_is_read_in_one_call_however_many_names_a_zone_has(world):
    zone, router = world
    router.serve(SERVICE, CANARY, instead_of=Route())
    for number in range(50):
        for parent in (NAME, f"x.{NAME}", "zzz.example.test"):
            name = f"host{number}.{parent}"
            zone.put({"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": []})
    zone.page = 100
    calls = []
    look = zone.list_resource_record_sets
    zone.list_resource_record_sets = lambda **asked: calls.append(asked) or look(**asked)

    assert router.read(SERVICE) == CANARY

    assert len(calls) == 1


def test_of_two_releases_that_read_the_same_route_one_sets_it(world):
    """The note is part of every batch, so the second one's batch has nothing to delete."""
    zone, router = world
    other = a_zone(zone)
    change = zone.change_resource_record_sets

    def after_the_other(**asked):
        zone.change_resource_record_sets = change
        other.serve(SERVICE, Route(stable=V2, release="other"), instead_of=Route())
        return change(**asked)

    zone.change_resource_record_sets = after_the_other

    with pytest.raises(Diverged, match="nothing was changed"):
        router.serve(SERVICE, STABLE, instead_of=Route())

    assert router.read(SERVICE) == Route(stable=V2, release="other")


def test_a_version_is_searched_for_where_the_platform_puts_it(world):
    zone, router = world
    target = f"{arm_name(SERVICE, V2)}.versions.example.test"
    del zone.records[f"{target}.", "A", ""]
    zone.put({"Name": target, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]})

    with pytest.raises(TargetMissing, match=target):
        router.serve(SERVICE, CANARY, instead_of=Route())


def test_a_rollback_is_told_when_nobody_is_sent_to_the_canary_any_more(world):
    _, router = world
    traffic = TrafficActivities(lambda _: router)
    router.serve(SERVICE, STABLE, instead_of=Route())
    traffic.shift_traffic(shift(25))
    withdraw = WithdrawVersion(
        target=TARGET, router=ROUTER, version=V2, restore=V1, release="release-2"
    )

    assert traffic.withdraw_version(withdraw).settles_after == TTL
    assert traffic.withdraw_version(withdraw).settles_after == TTL


def test_whose_route_it_is_not_is_told_without_being_written(world):
    zone, router = world
    router.serve(SERVICE, STABLE, instead_of=Route())
    before = len(zone.batches)
    withdraw = WithdrawVersion(
        target=TARGET, router=ROUTER, version=V2, restore=V1, release="release-2"
    )

    assert TrafficActivities(lambda _: a_zone(zone)).withdraw_version(withdraw) == STABLE
    # What is written since is where the versions run, by the world of the test.
    assert len(zone.batches) == before + 2
