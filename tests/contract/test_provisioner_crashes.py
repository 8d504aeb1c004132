"""A worker killed before or after any call to CloudFormation leaves what the next one ends."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from activities.environments.cloudformation import CloudFormation
from tests.contract.provisioned import (
    BROKEN,
    KEPT_BACK,
    PLAIN,
    PREVIEW,
    AwsWorld,
    QuickPace,
    creation,
    new_name,
)
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.environments import DeleteStack, ReadDrift, ReadEnvironment, TagEnvironment


class Killed(BaseException):
    """What no code of ours can catch, as little as a SIGKILL."""


@dataclass
class Mortal:
    """Clients whose worker is killed at the *at*-th call, before it or just after it."""

    clients: Callable[[str], Any]
    at: int
    after: bool
    calls: int = 0

    def __call__(self, service: str) -> "_Dying":
        return _Dying(self, self.clients(service))


@dataclass
class _Dying:
    worker: Mortal
    client: Any

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.client, name)
        if name == "meta":
            return call

        def dying(**asked: Any) -> Any:
            self.worker.calls += 1
            dies = self.worker.calls == self.worker.at
            if dies and not self.worker.after:
                raise Killed
            try:
                return call(**asked)
            finally:
                if dies:
                    raise Killed

        return dying


@pytest.fixture
def world(ministack: str) -> Iterator[AwsWorld]:
    with ExitStack() as opened:
        yield AwsWorld(ministack, opened)


def create(provisioner, name, text=PLAIN):
    return provisioner.create_environment(creation(name, text), QuickPace())


def delete(provisioner, name):
    ask = DeleteStack(environment=name, provider=PREVIEW, lift=True)
    provisioner.delete_stack(ask, QuickPace())


def tag(provisioner, name):
    tags = {"lockgate:environment": name, "lockgate:hold": "audit"}
    ask = TagEnvironment(environment=name, provider=PREVIEW, tags=tags)
    provisioner.tag_environment(ask, QuickPace())


def drift(provisioner, name):
    ask = ReadDrift(environment=name, provider=PREVIEW, digest=digest_of(PLAIN))
    return provisioner.read_drift(ask, QuickPace())


def read(world, name):
    return world.provisioner.read_made(ReadEnvironment(environment=name, provider=PREVIEW))


def killed_at_each_call(world, after, act, *, before=lambda _name: None) -> Iterator[str]:
    """Have *act* killed at its first call, its second, … and each time done again by another one.

    Yields the name of each environment for which it was; *before* prepares one. No state is left
    to the successor: a heartbeat may never have reached the server.
    """
    for at in range(1, 100):
        name = new_name()
        before(name)
        try:
            act(CloudFormation(Mortal(world.client, at, after), connection="preview"), name)
        except Killed:
            act(world.provisioner, name)
            yield name
        else:
            assert at > 2, "nothing was killed"
            return


BOTH = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


@BOTH
def test_a_creation_is_finished_by_the_next_worker_and_nothing_is_made_twice(world, after):
    for name in killed_at_each_call(world, after, create):
        made = read(world, name)
        assert made.status == "CREATE_COMPLETE"
        assert len(made.resources) == 2
        assert len(world.left(name)) == 2


@BOTH
def test_a_creation_that_fails_leaves_nothing_and_names_why_whenever_it_was_killed(world, after):
    def fails(provisioner, name):
        with pytest.raises(Refused, match=r"Late .*DelaySeconds"):
            create(provisioner, name, BROKEN)

    for name in killed_at_each_call(world, after, fails):
        assert world.left(name) == []
        with pytest.raises(TargetMissing):
            read(world, name)


@BOTH
def test_tags_are_given_once_and_for_all(world, after):
    def before(name):
        create(world.provisioner, name)

    for name in killed_at_each_call(world, after, tag, before=before):
        wanted = {"lockgate:environment": name, "lockgate:hold": "audit"}
        assert read(world, name).tags == wanted
        assert world.tags_of(name, "Orders") == wanted


@BOTH
def test_a_protected_stack_goes_with_all_that_it_has(world, after):
    def before(name):
        create(world.provisioner, name)
        world.protect(name)

    for name in killed_at_each_call(world, after, delete, before=before):
        assert world.left(name) == []


@BOTH
def test_a_stack_that_was_half_deleted_goes_once_it_can(world, after):
    def before(name):
        create(world.provisioner, name, KEPT_BACK)
        world.hold_back(name)
        with pytest.raises(Refused, match="Net"):
            delete(world.provisioner, name)
        world.let_go(name)

    for name in killed_at_each_call(world, after, delete, before=before):
        with pytest.raises(TargetMissing):
            read(world, name)


@BOTH
def test_drift_is_read_by_the_next_worker(world, after):
    found = []

    def before(name):
        create(world.provisioner, name)
        world.change(name)

    def compare(provisioner, name):
        found.append(drift(provisioner, name))

    for _ in killed_at_each_call(world, after, compare, before=before):
        assert [each.resource.name for each in found[-1].resources] == ["Orders"]
