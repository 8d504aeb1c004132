"""Final snapshots: what is kept of an environment's data when all else of it goes."""

import re
from collections.abc import Iterable, Iterator

import structlog

from activities.aws import in_release_words
from activities.environments.census import CensusTaker
from activities.environments.kinds import kind_of
from activities.environments.polling import Polling
from activities.environments.provisioner import AwsClients
from activities.environments.snapshot_kinds import (
    SNAPSHOTS,
    SnapshotKind,
    Wanted,
    begin,
    holds_nothing,
    look,
    sources,
)
from activities.environments.stacks import Stacks
from activities.pace import Pace
from workflows.domain.environments.census import STACK, Census, Resource, Tag
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Value, digest_of
from workflows.ports.environments import Snapshots, TakeCensus, TakeSnapshots

log = structlog.get_logger(__name__)

_BUCKET = "AWS::S3::Bucket"
_STEADY = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
_KEPT_TAGS = (Tag.TEMPLATE, Tag.OWNER, Tag.TEAM, Tag.PURPOSE)
_LONGEST_NAME = 200


class Progress(Value):
    """How many are complete; nothing that a successor needs, but a sign of life."""

    complete: int = 0


class FinalSnapshots:
    """Takes what is not there yet, and waits until all are complete."""

    def __init__(self, clients: AwsClients) -> None:
        self._clients = clients
        self._census = CensusTaker(clients)
        self._stacks = Stacks(clients)

    def take(self, ask: TakeSnapshots, pace: Pace) -> Snapshots:
        """See EnvironmentsPort.take_snapshots. Nothing is begun if anything is refused.

        Raises:
            Refused: what must have one can have none, or its name is not in the stack.
            Unavailable: a service does not answer, throttles, or cannot take one just now.
        """
        census = self._census.take(
            TakeCensus(environment=ask.environment, provider=ask.provider), pace
        )
        chosen = self._chosen(ask, census)
        self._expect_possible(ask, chosen)
        wanted = list(self._wanted(ask.environment, chosen))
        for kind, each in wanted:
            if look(self._clients, kind, each) is None:
                begin(self._clients, kind, each)
                log.info("snapshot_begun", environment=ask.environment, snapshot=each.name)
        return Snapshots(snapshots=tuple(self._complete(wanted, pace)))

    def _chosen(self, ask: TakeSnapshots, census: Census) -> list[Resource]:
        resources = [each for each in census.resources if each.type != STACK]
        named = {each.name: each for each in resources if each.name}
        missing = sorted(set(ask.resources) - set(named))
        if missing:
            self._expect_gone(ask.environment, missing, named)
        if not ask.everything:
            return [named[name] for name in ask.resources if name in named]
        if census.unreadable:
            raise Refused(
                f"what holds data in {ask.environment} cannot be told: {census}; let the worker "
                "read it, so that nothing goes without a snapshot"
            )
        return resources

    def _expect_gone(self, environment: str, missing: list[str], named: Iterable[str]) -> None:
        """A stack that is being made or removed may lack them; one that is whole must not."""
        stack = self._stacks.find(environment)
        if stack is not None and stack.status in _STEADY:
            raise Refused(
                f"no snapshot can be taken of {', '.join(missing)}: the stack has "
                f"{', '.join(sorted(named)) or 'nothing'}; correct teardown.snapshots of the "
                "environment template"
            )

    def _expect_possible(self, ask: TakeSnapshots, chosen: Iterable[Resource]) -> None:
        impossible = [each for each in chosen if self._is_lost(ask, each)]
        if impossible:
            raise Refused(
                f"no snapshot can be taken of {', '.join(map(str, impossible))}, and "
                f"{ask.environment} must not lose data: copy what must be kept and empty or "
                "delete it by hand, or use a template without it, or one of a lower data class"
            )

    def _is_lost(self, ask: TakeSnapshots, resource: Resource) -> bool:
        """Whether data would go with it; by name, somebody said that there is some."""
        if resource.type in SNAPSHOTS:
            return False
        if resource.type == _BUCKET:
            return not self._is_empty(resource)
        return resource.name in ask.resources or not holds_nothing(resource.type)

    def _is_empty(self, bucket: Resource) -> bool:
        known = kind_of(bucket.id)
        name = known[1].id if known else bucket.id
        try:
            with in_release_words(f"s3 list {name}"):
                page = self._clients("s3").list_object_versions(Bucket=name, MaxKeys=1)
        except TargetMissing:
            return True
        return not page.get("Versions") and not page.get("DeleteMarkers")

    def _wanted(
        self, environment: str, chosen: Iterable[Resource]
    ) -> Iterator[tuple[SnapshotKind, Wanted]]:
        """Each once: the members of a cluster share its snapshot, and machines may share disks."""
        names: set[str] = set()
        for resource in chosen:
            tags = {k.value: resource.tags[k] for k in _KEPT_TAGS if k in resource.tags}
            known = kind_of(resource.id)
            id_ = known[1].id if known else resource.id
            for kind in SNAPSHOTS.get(resource.type, ()):
                for source, incarnation in sources(self._clients, kind, id_):
                    name = snapshot_name(environment, source, incarnation)
                    if name not in names:
                        names.add(name)
                        yield kind, Wanted(source, name, {**tags, Tag.SNAPSHOT.value: environment})

    def _complete(
        self, wanted: Iterable[tuple[SnapshotKind, Wanted]], pace: Pace
    ) -> Iterator[str]:
        """The id of each, once it is complete."""
        polling = Polling(pace)
        for number, (kind, each) in enumerate(wanted):
            pace.beat(Progress(complete=number))
            while True:
                seen = look(self._clients, kind, each)
                if seen is not None and seen.failed:
                    raise Refused(f"snapshot {seen.id} of {each.source} failed; delete it by hand")
                if seen is not None and seen.complete:
                    yield seen.id
                    break
                polling.wait()


def snapshot_name(environment: str, source: str, incarnation: str) -> str:
    """What the final snapshot of *source* is called: the same each time that it is asked for.

    *incarnation* tells it from others of its name, before it and after it.
    """
    readable = re.sub(r"[^A-Za-z0-9]+", "-", f"lockgate-{environment}-{source}")
    told_apart = digest_of(f"{source}\n{incarnation}").removeprefix("sha256:")[:10]
    return f"{readable[:_LONGEST_NAME].strip('-')}-{told_apart}"
