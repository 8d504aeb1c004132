"""Counting what exists of an environment: by tag, and by its stack's own list.

Neither alone proves that nothing is left. The list of tags is late, about what came as about what
went, and lacks some types; a stack knows its own resources only. What either names counts, unless
the resource's own service says that it is gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from activities.aws import in_release_words
from activities.environments.kinds import Tags, kind_of
from activities.environments.listing import Listing, Listings
from activities.environments.presence import is_there, told_or_true
from activities.environments.provisioner import AwsClients
from activities.environments.sources import ONE, Marked, Source
from activities.pace import Pace
from workflows.domain.environments.census import Census, Resource, Tag
from workflows.domain.errors import Refused
from workflows.domain.values import Value
from workflows.ports.environments import TakeCensus

_MOST = 1000
"""A census goes into the history of its story, which takes no more than two megabytes at once."""
_LOGICAL, _STACK = "aws:cloudformation:logical-id", "aws:cloudformation:stack-id"


class Counted(Value):
    """How far a census has come: nothing that a successor needs, but a sign of life."""

    found: int = 0


class CensusTaker:
    """Counts in one account and region; changes nothing."""

    def __init__(self, clients: AwsClients, sources: Iterable[Source] = ONE) -> None:
        self._clients = clients
        self._sources = tuple(sources)
        self._listings = Listings(clients)

    def take(self, ask: TakeCensus, pace: Pace) -> Census:
        """See EnvironmentsPort.take_census.

        Raises:
            Unavailable: something does not answer, or throttles; what is not allowed or not
                there to be asked is told in the census.
        """
        unreadable: list[str] = []
        try:
            listing = self._listings.read(ask.environment, ask.stack)
        except Refused as error:
            unreadable.append(f"the stack: {error}")
            listing = Listing()
        found = _Found(listing.stack.id if listing.stack else ask.stack)
        found.list(*([listing.stack] if listing.stack else []), *listing.there)
        found.list(*self._still_there(listing.doubtful))
        for source in self._sources:
            try:
                self._count(source, ask.environment, found, pace)
            except Refused as error:
                unreadable.append(str(error))
        return Census(
            environment=ask.environment,
            at=datetime.fromtimestamp(pace.now(), UTC),
            resources=found.resources(),
            kept=found.kept(),
            unreadable=tuple(unreadable),
        )

    def _still_there(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        """Without those of which their own service says that they are gone."""
        for resource in resources:
            if is_there(self._clients, resource):
                yield resource

    def _count(self, source: Source, environment: str, found: "_Found", pace: Pace) -> None:
        token, ended = "", False
        while not ended:
            if len(found) >= _MOST:
                raise Refused(f"{source.name}: more than {_MOST} resources of {environment}")
            with in_release_words(f"{source.name}: what is tagged for {environment}"):
                page = source.page(self._clients, environment, token)
            self._mark(page.marked, environment, found)
            pace.beat(Counted(found=len(found)))
            token, ended = page.next, not page.next

    def _mark(self, marked: Iterable[Marked], environment: str, found: "_Found") -> None:
        for each in marked:
            if Tag.SNAPSHOT in each.tags or found.knows(each):
                continue
            tags = told_or_true(self._clients, each)
            if tags is None or tags.get(Tag.ENVIRONMENT) != environment:
                continue
            if Tag.SNAPSHOT in tags:
                found.keep(each.arn)
            else:
                found.mark(each.arn, tags)


class _Found:
    """What was found so far, each once, by its ARN or what its stack calls it."""

    def __init__(self, stack: str) -> None:
        self._stack = stack
        self._by_id: dict[str, Resource] = {}
        self._kept: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def list(self, *resources: Resource) -> None:
        """These exist, as the stack says."""
        self._by_id |= {resource.id: resource for resource in resources}

    def knows(self, marked: Marked) -> bool:
        """Whether the stack listed it; then its tags are kept, and its ARN."""
        if (listed := self._listed(marked)) is None:
            return False
        del self._by_id[listed.id]
        self._by_id[marked.arn] = listed.model_copy(
            update={"id": marked.arn, "tags": _without_aws(marked.tags)}
        )
        return True

    def mark(self, arn: str, tags: Tags) -> None:
        """This one exists beside the stack."""
        known = kind_of(arn)
        type_ = known[0].type if known else ""
        self._by_id[arn] = Resource(id=arn, type=type_, tags=_without_aws(tags))

    def keep(self, arn: str) -> None:
        """This one is a final snapshot, which is no part of the environment."""
        self._kept[arn] = None

    def resources(self) -> tuple[Resource, ...]:
        return tuple(self._by_id.values())

    def kept(self) -> tuple[str, ...]:
        return tuple(self._kept)

    def _listed(self, marked: Marked) -> Resource | None:
        if marked.arn in self._by_id:
            return self._by_id[marked.arn]
        named = marked.tags.get(_LOGICAL)
        if named is None or marked.tags.get(_STACK) != self._stack:
            return None
        return next((each for each in self._by_id.values() if each.name == named), None)


def _without_aws(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}
