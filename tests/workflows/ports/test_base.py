from abc import abstractmethod
from datetime import timedelta

import pytest

from workflows.domain.names import Queue
from workflows.ports.base import (
    PATIENT,
    Message,
    Port,
    activities_of,
    ask_type,
    limited,
    limits_of,
    queue_of,
)


class Knock(Message):
    door: str


@pytest.fixture
def doors(monkeypatch):
    """A port of this test's own, which no other test finds in the index."""
    monkeypatch.setattr(Port, "methods", dict(Port.methods))
    monkeypatch.setattr(Port, "_queues", dict(Port._queues))

    class DoorsPort(Port):
        queue = Queue.CLOUD

        @limited(attempt=timedelta(seconds=1), total=timedelta(minutes=1))
        @abstractmethod
        def knock_at(self, ask: Knock) -> bool: ...

    return DoorsPort


def test_a_port_indexes_its_methods_with_their_queue_and_ask(doors):
    method = Port.methods["knock_at"]

    assert method is doors.knock_at
    assert queue_of(method) == Queue.CLOUD
    assert ask_type(method) is Knock


def test_limits_stand_beside_the_method(doors):
    limits = limits_of(doors.knock_at)

    assert (limits.attempt, limits.total) == (timedelta(seconds=1), timedelta(minutes=1))
    assert (limits.heartbeat, limits.retry, limits.recorded) == (None, PATIENT, True)


def test_a_port_that_is_not_fully_implemented_cannot_be_made(doors):
    class Deaf(doors):
        pass

    with pytest.raises(TypeError, match="knock_at"):
        Deaf()


def test_workers_register_the_bound_methods_and_nothing_else(doors):
    class Doors(doors):
        def knock_at(self, ask: Knock) -> bool:
            return self.open(ask.door)

        def open(self, door: str) -> bool:
            return door == "front"

    served = list(activities_of(Doors()))

    assert [method.__name__ for method in served] == ["knock_at"]
    assert served[0](Knock(door="front"))
    assert Port.methods["knock_at"] is doors.knock_at


def test_messages_are_frozen_and_ignore_what_they_do_not_know():
    knock = Knock.model_validate({"door": "front", "how": "loudly"})

    with pytest.raises(ValueError, match="frozen"):
        knock.door = "back"
