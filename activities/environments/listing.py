"""What an environment's own stack lists, also after it was deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.environments.cloudformation_client import NO_STACK
from activities.environments.kinds import KINDS
from activities.environments.provisioner import AwsClients
from activities.environments.stacks import Stacks, pages
from workflows.domain.environments.census import STACK, Resource

_DELETED, _SKIPPED = "DELETE_COMPLETE", "DELETE_SKIPPED"
# Their own service knows better: somebody may have removed them since.
_DOUBTFUL = {_SKIPPED, "DELETE_FAILED", "CREATE_FAILED"}


@dataclass(frozen=True)
class Listing:
    """A stack and its resources, by ARN where that can be told from what the stack knows."""

    stack: Resource | None = None
    there: tuple[Resource, ...] = ()
    doubtful: tuple[Resource, ...] = ()
    """What the stack kept on purpose, or could not make or delete: it may be there or not."""


class Listings:
    """Reads what stacks list; nothing here changes any."""

    def __init__(self, clients: AwsClients) -> None:
        self._clients = clients
        self._stacks = Stacks(clients)

    def read(self, environment: str, stack: str = "") -> Listing:
        """By the environment's name; by the id *stack* where no stack of ours has that name.

        A deleted stack is remembered by its id, for ninety days.

        Raises:
            Unavailable: CloudFormation does not answer, or throttles.
            Refused: CloudFormation does not let it be read.
        """
        living = self._stacks.find(environment)
        if living is not None and living.ours:
            itself = Resource(id=living.id, type=STACK, tags=living.tags)
            return self._listing(living.id, itself)
        if not stack:
            return Listing()
        return self._listing(stack, None) if any(self._listed(stack)) else self._kept(stack)

    def _kept(self, stack: str) -> Listing:
        """What the events of a deleted stack say, where it lists nothing any more."""
        last: dict[str, dict[str, Any]] = {}
        for event in self._pages("describe_stack_events", "StackEvents", stack):
            last.setdefault(event["LogicalResourceId"], event)  # the newest comes first
        kept = (each for each in last.values() if each["ResourceStatus"] == _SKIPPED)
        return Listing(doubtful=tuple(_resource(each, stack) for each in kept))

    def _listing(self, stack: str, itself: Resource | None) -> Listing:
        there: list[Resource] = []
        doubtful: list[Resource] = []
        for each in self._listed(stack):
            status, physical = each["ResourceStatus"], each.get("PhysicalResourceId")
            if not physical or status == _DELETED:
                continue
            resource = _resource(each, stack)
            (doubtful if status in _DOUBTFUL else there).append(resource)
        return Listing(itself, tuple(there), tuple(doubtful))

    def _listed(self, stack: str) -> Iterator[dict[str, Any]]:
        return self._pages("list_stack_resources", "StackResourceSummaries", stack)

    def _pages(self, call: str, key: str, stack: str) -> Iterator[dict[str, Any]]:
        """Each item; none of a stack that nobody remembers."""
        ask = getattr(self._clients("cloudformation"), call)
        with in_release_words(f"cloudformation: {call} of {stack}"):
            try:
                yield from pages(lambda **more: ask(StackName=stack, **more), key)
            except ClientError as error:
                if error_code(error) != NO_STACK:
                    raise


def _resource(each: dict[str, Any], stack: str) -> Resource:
    type_, physical = each["ResourceType"], each["PhysicalResourceId"]
    kind = KINDS.get(type_)
    return Resource(
        id=kind.arn_of(physical, beside=stack) if kind else physical,
        type=type_,
        name=each["LogicalResourceId"],
    )
