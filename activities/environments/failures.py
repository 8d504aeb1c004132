"""Which resources of a stack failed, and why, in CloudFormation's own words."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.environments.cloudformation_client import NO_STACK
from activities.environments.stacks import Stacks, pages
from workflows.domain.environments.census import STACK

# What came to an end because something else had failed.
_CANCELLED = {"Resource creation cancelled", "Resource update cancelled"}


class Failures:
    """Reads the events of stacks, which outlive them: ask by a stack's id, not by its name."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks

    def of(self, stack_id: str, *, ended: str, token: str | None = None) -> str:
        """Each resource that `CREATE_FAILED`, or whatever *ended* is, with the reason.

        With *token*, only in what was asked for with it.
        """
        named = list(self._of_resources(stack_id, ended, token))
        # A name that is taken and the like are found before any resource has an event.
        named = named or list(self.found_before(stack_id))
        return "; ".join(dict.fromkeys(named)) or "CloudFormation does not tell why"

    def found_before(self, stack: str, change_set: str | None = None) -> Iterator[str]:
        """What the checks before a deployment found, of a stack or of one of its change sets."""
        asked: dict[str, Any] = {"StackName": stack, "Filters": {"FailedEvents": True}}
        if change_set is not None:
            asked["ChangeSetName"] = change_set
        with in_release_words(f"cloudformation: read why {stack} failed"):
            events = list(
                pages(
                    lambda **more: self._stacks.calls.describe_events(**asked, **more),
                    "OperationEvents",
                )
            )
        for event in events:
            if reason := event.get("ValidationStatusReason"):
                yield _named(event, reason)

    def _of_resources(self, stack_id: str, ended: str, token: str | None) -> Iterator[str]:
        """Oldest first: what failed first made the others fail."""
        for event in reversed(self._events(stack_id)):
            reason = event.get("ResourceStatusReason", "")
            physical = event.get("PhysicalResourceId", "")
            if (
                event["ResourceStatus"] != ended
                or physical == stack_id
                or reason in _CANCELLED
                or (token is not None and event.get("ClientRequestToken") != token)
            ):
                continue
            if event["ResourceType"] == STACK and physical.startswith("arn:"):
                nested = list(self._of_resources(physical, ended, None))
                yield from (f"{event['LogicalResourceId']}: {each}" for each in nested)
                if nested:
                    continue
            yield _named(event, reason)

    def _events(self, stack_id: str) -> list[dict[str, Any]]:
        with in_release_words(f"cloudformation: read the events of {stack_id}"):
            try:
                return list(
                    pages(
                        lambda **more: self._stacks.calls.describe_stack_events(
                            StackName=stack_id, **more
                        ),
                        "StackEvents",
                    )
                )
            except ClientError as error:
                if error_code(error) == NO_STACK:
                    return []
                raise


def _named(event: dict[str, Any], reason: str) -> str:
    kind = event.get("ResourceType", "resource")
    return f"{event.get('LogicalResourceId', '?')} ({kind}): {reason or 'no reason is told'}"
