from datetime import timedelta

from workers.pools import POOLS, chosen
from workers.wiring import BUILDERS
from workflows.domain.names import Queue
from workflows.ports.base import Port, activities_of, limits_of, queue_of


def served():
    return [(pool, kind) for pool in POOLS.values() for kind in pool.serves]


def test_every_queue_has_a_pool_of_its_name():
    assert list(POOLS) == [str(queue) for queue in Queue]
    assert all(pool.queue == name for name, pool in POOLS.items())


def test_every_port_method_is_served_exactly_once_and_on_its_own_queue():
    found = {}
    for pool, kind in served():
        for name in dir(kind):
            if name in Port.methods:
                assert name not in found
                found[name] = pool.queue

    assert found == {name: queue_of(method) for name, method in Port.methods.items()}


def test_every_implementation_can_be_built():
    assert {kind for _, kind in served()} == set(BUILDERS)


def test_stories_share_their_queue_with_no_credential():
    assert POOLS["stories"].serves == ()
    assert [pool for pool in POOLS.values() if pool.stories] == [POOLS["stories"]]


def test_all_is_every_pool_and_a_name_counts_once():
    assert chosen(["all"]) == tuple(POOLS.values())
    assert chosen(["cloud", "stories", "cloud"]) == (POOLS["stories"], POOLS["cloud"])


def test_a_worker_finds_the_activities_of_an_implementation():
    (decisions, *_) = POOLS["decisions"].serves

    assert [method.__name__ for method in activities_of(decisions(None))] == ["admit_release"]


def test_whatever_lasts_as_long_as_a_promotion_leaves_room_for_a_rollback():
    """Hundreds of canaries are watched on one worker, and it can still take one of them back."""
    long_lasting = {
        queue_of(method)
        for method in Port.methods.values()
        if limits_of(method).attempt >= timedelta(days=1)
    }

    assert long_lasting == {Queue.CLOUD, Queue.MONITORING, Queue.ALERTS}
    assert all(POOLS[queue].at_once >= 500 for queue in long_lasting)
