"""Ports: every method has one name, one implementation, and the pool that its queue says."""

import importlib
import pkgutil
from collections import Counter

import workflows.ports
from workers.pools import POOLS
from workflows.ports.base import Port

for module in pkgutil.iter_modules(workflows.ports.__path__, "workflows.ports."):
    importlib.import_module(module.name)

PORTS = [p for p in Port.__subclasses__() if p.__module__.startswith("workflows.ports.")]
DECLARED = [(port, name) for port in PORTS for name in port.__abstractmethods__]


def test_activity_names_are_unique():
    """They are the names on the wire: a second one would silently take the first one's place."""
    counted = Counter(name for _, name in DECLARED)

    assert [name for name, times in counted.items() if times > 1] == []
    assert set(counted) == set(Port.methods)


def test_every_port_is_served_once_by_the_pool_of_its_queue():
    served = [(port, pool.queue) for pool in POOLS.values() for port in pool.serves]

    for port in PORTS:
        queues = [queue for serving, queue in served if issubclass(serving, port)]
        assert queues == [port.queue], port.__name__


def test_what_serves_a_port_implements_all_of_it():
    unfinished = {
        serving.__name__: serving.__abstractmethods__
        for pool in POOLS.values()
        for serving in pool.serves
        if serving.__abstractmethods__
    }

    assert unfinished == {}
