"""The rules of EnvironmentsActivities over a cloud held in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any

from ruamel.yaml import YAML

from activities.environments.activities import EnvironmentsActivities
from activities.pace import Pace
from workflows.domain.environments.census import STACK, Census, Resource, Tag
from workflows.domain.environments.drift import Drift, Drifted
from workflows.domain.environments.order import Blueprint
from workflows.domain.errors import Diverged, Refused, ReleaseError, TargetMissing
from workflows.domain.values import Provider, Value, digest_of
from workflows.ports.environments import (
    CheckBlueprint,
    CreateEnvironment,
    Deleted,
    DeleteOrphans,
    DeleteStack,
    Emptied,
    EmptyBuckets,
    FindTagged,
    Made,
    OpenPort,
    ReadDrift,
    ReadEnvironment,
    ReadSurface,
    Snapshots,
    Surface,
    TagEnvironment,
    Tagged,
    TakeCensus,
    TakeSnapshots,
)

_BUCKET = "AWS::S3::Bucket"
_HOLD_DATA = frozenset({"AWS::RDS::DBInstance", "AWS::EC2::Volume", "AWS::DynamoDB::Table"})
_PAGE = 2


class _Waiting(Value):
    """A sign of life: an activity hears that it is cancelled with the answer to one."""


@dataclass
class FakeStack:
    """A stack as it was made; *resources* are ids by their names in the template."""

    blueprint: Blueprint
    tags: dict[str, str]
    resources: dict[str, str] = field(default_factory=dict)
    protected: bool = False
    complete: bool = False


class FakeProvisioner:
    """Holds resources by their tags, so that a census means something.

    `breaks` makes a resource fail to be created, and what was created before it is left;
    `undeletable` keeps one from being deleted, each with its reason; `locked` are buckets that
    Object Lock keeps from being emptied, `objects` counts what is in each; `unreadable` is what no
    census can count, and `unlisted` what no search can list; `changed` is what somebody changed by
    hand. `faults` are raised first, one for each call of a method; a method in `blocked` waits
    until its event is set, or until it is cancelled; one in `deaf` waits for its event and hears
    of no cancel. `asked` lists every call, in order.
    """

    def __init__(self) -> None:
        self.stacks: dict[str, FakeStack] = {}
        self.resources: dict[str, Resource] = {}
        self.snapshots: dict[str, Resource] = {}
        self.objects: dict[str, int] = {}
        self.breaks: dict[str, str] = {}
        self.undeletable: dict[str, str] = {}
        self.locked: set[str] = set()
        self.unreadable: tuple[str, ...] = ()
        self.unlisted: tuple[str, ...] = ()
        self.changed: dict[str, dict[str, Any]] = {}
        self.open: tuple[OpenPort, ...] = ()
        self.faults: dict[str, list[ReleaseError]] = {}
        self.blocked: dict[str, Event] = {}
        self.deaf: dict[str, Event] = {}
        self.asked: list[tuple[str, Any]] = []

    def plant(
        self, environment: str, id_: str, type_: str = "AWS::SQS::Queue", **tags: str
    ) -> None:
        """Something with our tags that no stack knows of, put there by whoever it was."""
        tagged = {Tag.ENVIRONMENT: environment, **tags}
        self.resources[id_] = Resource(id=id_, type=type_, tags=tagged)

    def of(self, environment: str) -> list[Resource]:
        """All that exists with the tag of *environment*."""
        tagged = self.resources.values()
        return [each for each in tagged if each.tags.get(Tag.ENVIRONMENT) == environment]

    def methods(self) -> list[str]:
        """What was asked, in order."""
        return [method for method, _ in self.asked]

    def check_blueprint(self, ask: CheckBlueprint) -> None:
        self._ask("check_blueprint", ask)
        declared = _read(ask.blueprint.text).get("Parameters", {})
        for name, value in ask.blueprint.parameters.items():
            if name not in declared:
                raise Refused(f"parameter {name} is not one of the template's")
            allowed = declared[name].get("AllowedValues")
            if allowed is not None and value not in allowed:
                raise Refused(f"parameter {name}: {value!r} is not one of {', '.join(allowed)}")

    def create_environment(self, ask: CreateEnvironment, pace: Pace) -> Made:
        self._ask("create_environment", ask, pace)
        stack = self.stacks.get(ask.environment)
        if stack is not None and stack.complete:
            if stack.tags.get(Tag.ENVIRONMENT) != ask.environment:
                raise Diverged(f"the stack of {ask.environment} is not ours")
            if stack.blueprint.digest != ask.blueprint.digest:
                raise Diverged(f"the stack of {ask.environment} is made from another template")
            return self._made(ask.environment)
        stack = FakeStack(blueprint=ask.blueprint, tags=ask.tags)
        self.stacks[ask.environment] = stack
        for name, declared in _read(ask.blueprint.text)["Resources"].items():
            if name in self.breaks:
                raise Refused(f"{name} ({declared['Type']}): {self.breaks[name]}")
            id_ = f"{ask.environment}/{name}"
            stack.resources[name] = id_
            self.resources[id_] = Resource(id=id_, type=declared["Type"], name=name, tags=ask.tags)
        stack.complete = True
        return self._made(ask.environment)

    def tag_environment(self, ask: TagEnvironment, pace: Pace) -> None:
        self._ask("tag_environment", ask, pace)
        stack = self._stack(ask.environment)
        if stack.tags.get(Tag.ENVIRONMENT) != ask.environment:
            raise Diverged(f"the stack of {ask.environment} is not ours")
        stack.tags = ask.tags
        for each in self.of(ask.environment):
            self.resources[each.id] = each.model_copy(update={"tags": ask.tags})

    def read_made(self, ask: ReadEnvironment) -> Made:
        self._ask("read_made", ask)
        return self._made(ask.environment)

    def take_census(self, ask: TakeCensus, pace: Pace) -> Census:
        self._ask("take_census", ask, pace)
        found = self.of(ask.environment)
        stack = self.stacks.get(ask.environment)
        if stack is not None and stack.tags.get(Tag.ENVIRONMENT) == ask.environment:
            found.append(Resource(id=f"stack/{ask.environment}", type=STACK, tags=stack.tags))
        return Census(
            environment=ask.environment,
            at=datetime.now(UTC),
            resources=tuple(found),
            unreadable=self.unreadable,
            kept=tuple(
                id_
                for id_, each in self.snapshots.items()
                if each.tags.get(Tag.ENVIRONMENT) == ask.environment
            ),
        )

    def take_snapshots(self, ask: TakeSnapshots, pace: Pace) -> Snapshots:
        self._ask("take_snapshots", ask, pace)
        found = self.of(ask.environment)
        stack = self.stacks.get(ask.environment)
        missing = sorted(set(ask.resources) - {each.name for each in found})
        if missing and stack is not None and stack.complete:
            raise Refused(f"no snapshot can be taken of {', '.join(missing)}: no such resource")
        chosen = [each for each in found if ask.everything or each.name in ask.resources]
        for each in chosen:
            if each.type == _BUCKET and self.objects.get(each.id):
                raise Refused(f"no snapshot can be taken of {each}, and it must not lose data")
        for each in (one for one in chosen if one.type in _HOLD_DATA):
            kept = f"snapshot/{each.id}"
            tags = {Tag.SNAPSHOT: ask.environment}
            self.snapshots.setdefault(kept, Resource(id=kept, type=each.type, tags=tags))
        of_it = {
            id_ for id_, s in self.snapshots.items() if s.tags[Tag.SNAPSHOT] == ask.environment
        }
        return Snapshots(snapshots=tuple(sorted(of_it)))

    def empty_buckets(self, ask: EmptyBuckets, pace: Pace) -> Emptied:
        self._ask("empty_buckets", ask, pace)
        emptied: dict[str, int] = {}
        for each in self.of(ask.environment):
            if each.type == _BUCKET and Tag.HOLD in each.tags:
                raise Refused(f"bucket {each.id} is held: {each.tags[Tag.HOLD]}")
            if each.id in self.locked:
                raise Refused(f"{each.id}: Object Lock keeps what is in it")
            if count := self.objects.pop(each.id, 0):
                emptied[each.id] = count
        return Emptied(buckets=emptied)

    def delete_stack(self, ask: DeleteStack, pace: Pace) -> None:
        self._ask("delete_stack", ask, pace)
        stack = self.stacks.get(ask.environment)
        if stack is None:
            return
        if stack.tags.get(Tag.ENVIRONMENT) != ask.environment:
            raise Diverged(f"the stack of {ask.environment} is not ours")
        if stack.protected and not ask.lift:
            raise Diverged(f"the stack of {ask.environment} is protected against deletion")
        declared, stays = _read(stack.blueprint.text)["Resources"], []
        for name, id_ in list(stack.resources.items()):
            if reason := self._why_not(name, id_):
                stays.append(f"{name} ({declared[name]['Type']}): {reason}")
            elif declared[name].get("DeletionPolicy") == "Retain":
                self.resources[id_] = self.resources[id_].model_copy(update={"name": ""})
                del stack.resources[name]
            elif declared[name].get("DeletionPolicy") == "Snapshot":
                gone, kept = self.resources.pop(id_), f"snapshot-by-stack/{id_}"
                tags = {**gone.tags, Tag.SNAPSHOT: ask.environment}
                self.snapshots[kept] = Resource(id=kept, type=gone.type, tags=tags)
                del stack.resources[name]
            else:
                self.resources.pop(id_, None)
                del stack.resources[name]
        if stays:
            raise Refused("could not be deleted: " + "; ".join(stays))
        del self.stacks[ask.environment]

    def delete_orphans(self, ask: DeleteOrphans, pace: Pace) -> Deleted:
        self._ask("delete_orphans", ask, pace)
        gone, left = [], {}
        for each in ask.resources:
            now = self.resources.get(each.id)
            if now is not None and now.tags.get(Tag.ENVIRONMENT) != ask.environment:
                left[each.id] = f"found the tag of {now.tags.get(Tag.ENVIRONMENT) or 'nobody'}"
            elif now is not None and Tag.HOLD in now.tags:
                left[each.id] = f"{each.id} is held: {now.tags[Tag.HOLD]}"
            elif each.type == STACK:
                left[each.id] = f"{each.id} is a stack, which is deleted whole"
            elif reason := self._why_not(each.name, each.id):
                left[each.id] = reason
            else:
                self.resources.pop(each.id, None)
                gone.append(each.id)
        return Deleted(gone=tuple(gone), left=left)

    def read_drift(self, ask: ReadDrift, pace: Pace) -> Drift:
        self._ask("read_drift", ask, pace)
        stack = self._stack(ask.environment)
        drifted = (
            Drifted(
                resource=self.resources[id_], status="MODIFIED", differences=self.changed[name]
            )
            for name, id_ in stack.resources.items()
            if name in self.changed
        )
        return Drift(
            resources=tuple(drifted), template_changed=stack.blueprint.digest != ask.digest
        )

    def read_surface(self, ask: ReadSurface, pace: Pace) -> Surface:
        self._ask("read_surface", ask, pace)
        return Surface(open=self.open)

    def find_tagged(self, ask: FindTagged) -> Tagged:
        self._ask("find_tagged", ask)
        first: dict[str, dict[str, str]] = {}
        for each in self.resources.values():
            if (name := each.tags.get(Tag.ENVIRONMENT)) is not None:
                found = first.setdefault(name, dict(each.tags))
                found |= {tag: each.tags[tag] for tag in (Tag.HOLD,) if tag in each.tags}
        for name, stack in self.stacks.items():
            first.setdefault(name, stack.tags)
        names = sorted(name for name in first if name > ask.page)
        page = names[_PAGE - 1] if len(names) > _PAGE else ""
        listed = {name: first[name] for name in names[:_PAGE]}
        return Tagged(environments=listed, page=page, unreadable=self.unlisted)

    def _ask(self, method: str, ask: Any, pace: Pace | None = None) -> None:
        self.asked.append((method, ask))
        if (event := self.blocked.get(method)) is not None and pace is not None:
            while not event.is_set():
                pace.beat(_Waiting())
                pace.wait(0.02)
        if (event := self.deaf.get(method)) is not None:
            event.wait(timeout=20)
        if faults := self.faults.get(method):
            raise faults.pop(0)

    def _stack(self, environment: str) -> FakeStack:
        if environment not in self.stacks:
            raise TargetMissing(f"there is no stack of {environment}")
        return self.stacks[environment]

    def _made(self, environment: str) -> Made:
        stack = self._stack(environment)
        outputs = _read(stack.blueprint.text).get("Outputs", {})
        return Made(
            stack=f"stack/{environment}",
            status="CREATE_COMPLETE",
            resources=tuple(self.resources[id_] for id_ in stack.resources.values()),
            outputs={name: f"{environment}-{name}".lower() for name in outputs},
            tags=stack.tags,
            parameters=stack.blueprint.parameters,
            template=digest_of(stack.blueprint.text),
            protected=stack.protected,
        )

    def _why_not(self, name: str, id_: str) -> str | None:
        if id_ in self.undeletable or name in self.undeletable:
            return self.undeletable.get(id_) or self.undeletable[name]
        return f"{self.objects[id_]} objects are in it" if self.objects.get(id_) else None


class FakeEnvironments(EnvironmentsActivities):
    """One cloud for every provider: `cloud`."""

    def __init__(self, *, pace: Callable[[], Pace] | None = None) -> None:
        self.cloud = FakeProvisioner()
        if pace is None:
            super().__init__(self._provisioner)
        else:
            super().__init__(self._provisioner, pace=pace)

    def _provisioner(self, provider: Provider) -> FakeProvisioner:
        if provider.connection == "missing":
            raise TargetMissing(f"no environments connection {provider} in this worker's settings")
        return self.cloud


def _read(text: str) -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="rt").load(text)
    return read
