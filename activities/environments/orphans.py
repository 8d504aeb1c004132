"""Deleting what outlived an environment's stack, in the order in which one thing uses another."""

from collections import defaultdict
from collections.abc import Iterable

import structlog

from activities.aws import in_release_words
from activities.environments.kinds import Kind, Rank, Tags, Thing, kind_of
from activities.environments.polling import Polling
from activities.environments.presence import tags_now
from activities.environments.provisioner import AwsClients
from activities.pace import Pace
from workflows.domain.environments.census import Resource, Tag
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Value
from workflows.ports.environments import Deleted, DeleteOrphans

log = structlog.get_logger(__name__)

_LONGEST_SECONDS = 15 * 60
"""How long those of one rank may take until they are gone; a database takes a while."""


class Progress(Value):
    """What is settled so far; nothing that a successor needs, but a sign of life."""

    settled: int = 0


class Orphans:
    """Deletes one by one, each only if its tag of that very moment says whose it is."""

    def __init__(self, clients: AwsClients) -> None:
        self._clients = clients

    def delete(self, ask: DeleteOrphans, pace: Pace) -> Deleted:
        """See EnvironmentsPort.delete_orphans.

        Raises:
            Unavailable: a service does not answer, or throttles.
        """
        gone: list[str] = []
        left: dict[str, str] = {}
        by_rank: dict[Rank, list[tuple[Kind, Thing]]] = defaultdict(list)
        for resource in ask.resources:
            if known := kind_of(resource.id):
                by_rank[known[0].rank].append(known)
            else:
                left[resource.id] = _unknown(resource)
        for rank in sorted(by_rank):
            begun = self._begin(ask.environment, by_rank[rank], gone, left, pace)
            self._see_gone(begun, gone, left, pace)
        return Deleted(gone=tuple(gone), left=left)

    def _begin(
        self,
        environment: str,
        things: Iterable[tuple[Kind, Thing]],
        gone: list[str],
        left: dict[str, str],
        pace: Pace,
    ) -> list[tuple[Kind, Thing]]:
        """Have each deleted that may be; which of them were there."""
        begun = []
        for kind, thing in things:
            pace.beat(Progress(settled=len(gone) + len(left)))
            try:
                tags = tags_now(self._clients, kind, thing)
                if tags is None:
                    gone.append(thing.arn)
                    continue
                _expect_orphan(environment, thing, tags)
                with in_release_words(f"{kind.service}: delete {thing.arn}"):
                    kind.delete(self._clients(kind.service), thing)
            except TargetMissing:
                gone.append(thing.arn)
            except Refused as error:
                left[thing.arn] = str(error)
            else:
                log.info("orphan_deleted", environment=environment, resource=thing.arn)
                begun.append((kind, thing))
        return begun

    def _see_gone(
        self,
        begun: list[tuple[Kind, Thing]],
        gone: list[str],
        left: dict[str, str],
        pace: Pace,
    ) -> None:
        """Wait until they are, as what they use can only go after them."""
        until = pace.now() + _LONGEST_SECONDS
        polling = Polling(pace)
        while begun:
            still = []
            for kind, thing in begun:
                if tags_now(self._clients, kind, thing) is None:
                    gone.append(thing.arn)
                else:
                    still.append((kind, thing))
            begun = still
            if begun and pace.now() >= until:
                left |= {thing.arn: "it is still being deleted" for _, thing in begun}
                return
            if begun:
                polling.wait()


def _expect_orphan(environment: str, thing: Thing, tags: Tags) -> None:
    """Let nobody delete what is somebody else's, or kept on purpose.

    Raises:
        Refused: its tags say so.
    """
    found = tags.get(Tag.ENVIRONMENT)
    if Tag.SNAPSHOT in tags:
        raise Refused(f"{thing.arn} is a final snapshot of {tags[Tag.SNAPSHOT]}, and is kept")
    if Tag.HOLD in tags:
        raise Refused(f"{thing.arn} is held: {tags[Tag.HOLD]}; lift the hold first")
    if found != environment:
        raise Refused(
            f"{thing.arn} is not of this environment: expected the tag "
            f"{Tag.ENVIRONMENT}={environment}, found {found or 'none'}; tag it so, or delete it "
            "by hand"
        )


def _unknown(resource: Resource) -> str:
    what = resource.type or "this kind of resource"
    return f"it is not known here how {what} is deleted; delete it by hand"
