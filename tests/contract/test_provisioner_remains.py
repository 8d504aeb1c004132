"""One suite for our fake and AWS's emulator: what is left of environments, and how it goes."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.contract.provisioned import (
    KEPT_ON_PURPOSE,
    PLAIN,
    PREVIEW,
    WITH_DATA,
    AwsWorld,
    FakeWorld,
    QuickPace,
    creation,
    new_name,
)
from workflows.domain.environments.census import STACK
from workflows.domain.errors import Refused
from workflows.ports.environments import (
    DeleteOrphans,
    DeleteStack,
    EmptyBuckets,
    FindTagged,
    ReadSurface,
    TakeCensus,
    TakeSnapshots,
)


@pytest.fixture(params=["fake", "aws"])
def world(request: pytest.FixtureRequest) -> Iterator[AwsWorld | FakeWorld]:
    if request.param == "fake":
        yield FakeWorld()
        return
    with ExitStack() as opened:
        yield AwsWorld(request.getfixturevalue("ministack"), opened)


@pytest.fixture
def name() -> str:
    return new_name()


def create(world, name, text=PLAIN):
    world.provisioner.create_environment(creation(name, text), QuickPace())


def delete_stack(world, name):
    ask = DeleteStack(environment=name, provider=PREVIEW, lift=False)
    world.provisioner.delete_stack(ask, QuickPace())


def count(world, name, *, stack=""):
    ask = TakeCensus(environment=name, provider=PREVIEW, stack=stack)
    return world.provisioner.take_census(ask, QuickPace())


def delete(world, name, census):
    ask = DeleteOrphans(environment=name, provider=PREVIEW, resources=census.resources)
    return world.provisioner.delete_orphans(ask, QuickPace())


def keep(world, name, *names, everything=False):
    ask = TakeSnapshots(environment=name, provider=PREVIEW, resources=names, everything=everything)
    return world.provisioner.take_snapshots(ask, QuickPace()).snapshots


def empty(world, name):
    ask = EmptyBuckets(environment=name, provider=PREVIEW)
    return world.provisioner.empty_buckets(ask, QuickPace()).buckets


def found(world):
    """Every page put together."""
    environments, page = {}, ""
    while True:
        tagged = world.provisioner.find_tagged(FindTagged(provider=PREVIEW, page=page))
        environments |= tagged.environments
        if not (page := tagged.page):
            return environments


def ids(census):
    return {each.id for each in census.resources}


def test_an_environment_is_counted_whole_and_gone_with_its_stack(world, name):
    create(world, name)

    before = count(world, name)
    delete_stack(world, name)

    assert {each.name for each in before.resources} == {"", "Orders", "News"}
    (stack,) = [each.id for each in before.resources if each.type == STACK]
    assert count(world, name, stack=stack).empty


def test_what_was_planted_beside_the_stack_outlives_it_and_is_deleted_alone(world, name):
    create(world, name)
    planted = world.plant(name)
    other = world.plant(f"{name}-b")

    assert planted in ids(count(world, name))
    delete_stack(world, name)
    left = count(world, name)

    assert ids(left) == {planted}
    deleted = delete(world, name, left)
    assert (deleted.gone, deleted.left) == ((planted,), {})
    assert count(world, name).empty
    assert ids(count(world, f"{name}-b")) == {other}


def test_what_a_stack_kept_on_purpose_is_left_until_it_is_deleted_as_an_orphan(world, name):
    create(world, name, KEPT_ON_PURPOSE)
    delete_stack(world, name)

    left = count(world, name)

    assert [each.type for each in left.resources] == ["AWS::SNS::Topic"]
    assert delete(world, name, left).gone == tuple(ids(left))
    assert count(world, name).empty


def test_what_is_gone_by_itself_meanwhile_is_gone(world, name):
    planted = world.plant(name)
    census = count(world, name)
    world.remove(planted)

    assert delete(world, name, census).gone == (planted,)


@pytest.mark.parametrize(
    ("given", "why"),
    [({"environment": "another"}, "found"), ({"hold": "an auditor asks"}, "is held")],
)
def test_what_is_somebody_elses_by_now_or_held_is_left(world, name, given, why):
    planted = world.plant(name)
    census = count(world, name)
    world.retag(planted, **given)

    deleted = delete(world, name, census)

    assert deleted.gone == ()
    assert why in deleted.left[planted]


def test_a_stack_is_not_deleted_as_an_orphan(world, name):
    create(world, name)
    census = count(world, name)
    stacks = census.model_copy(
        update={"resources": tuple(each for each in census.resources if each.type == STACK)}
    )

    deleted = delete(world, name, stacks)

    assert "is a stack, which is deleted whole" in deleted.left[stacks.resources[0].id]
    assert ids(stacks) < ids(count(world, name))


def test_buckets_are_emptied_once(world, name):
    create(world, name, WITH_DATA)
    world.fill(name, "Uploads")

    assert list(empty(world, name).values()) == [2]
    assert empty(world, name) == {}


def test_a_snapshot_is_kept_once_and_counts_for_nothing(world, name):
    create(world, name, WITH_DATA)

    (kept,) = keep(world, name, "Db")

    assert keep(world, name, "Db") == (kept,)
    delete_stack(world, name)
    assert count(world, name).empty


def test_a_snapshot_of_what_the_stack_lacks_is_refused(world, name):
    create(world, name, WITH_DATA)

    with pytest.raises(Refused, match="no snapshot can be taken of Cache"):
        keep(world, name, "Cache")


def test_a_bucket_with_something_in_it_is_refused_where_nothing_may_be_lost(world, name):
    create(world, name, WITH_DATA)
    assert len(keep(world, name, everything=True)) == 1
    world.fill(name, "Uploads")

    with pytest.raises(Refused, match=r"no snapshot can be taken of Uploads .*must not lose data"):
        keep(world, name, everything=True)


def test_all_environments_are_found_and_a_hold_on_anything_is_told(world, name):
    create(world, name)
    for number in range(3):
        world.plant(f"{name}-{number}")
    world.plant(f"{name}-1", hold="an auditor asks")

    environments = found(world)

    assert {name, *(f"{name}-{number}" for number in range(3))} <= set(environments)
    assert environments[f"{name}-1"]["lockgate:hold"] == "an auditor asks"
    assert environments[name]["lockgate:template"] == "preview"


def test_an_environment_with_nothing_in_the_way_of_the_world_has_no_open_port(world, name):
    create(world, name)

    ask = ReadSurface(environment=name, provider=PREVIEW)
    surface = world.provisioner.read_surface(ask, QuickPace())

    assert (surface.open, surface.unreadable) == ((), ())
