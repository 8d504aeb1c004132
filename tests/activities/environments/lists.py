"""Lists of what is tagged that tell what a test says, page by page; and the stack beside them."""

from datetime import UTC, datetime
from typing import Any

from activities.environments.sources import Marked, Page
from tests.activities.environments.stubs import OURS, STACK, Stubs, tags
from workflows.domain.errors import Refused

AT = datetime(2026, 11, 26, tzinfo=UTC)


class TaggedList:
    """A Source: each page is what is tagged, or what is raised instead."""

    def __init__(self, name: str, *pages: Any) -> None:
        self.name = name
        self._pages = pages
        self.asked: list[tuple[str | None, str]] = []

    def page(self, clients: Any, environment: str | None, token: str) -> Page:
        self.asked.append((environment, token))
        number = int(token or 0)
        told = self._pages[number] if self._pages else ()
        if isinstance(told, Exception):
            raise told
        following = str(number + 1) if number + 1 < len(self._pages) else ""
        return Page(tuple(Marked(*each) for each in told), following)


def denied(what: str) -> Refused:
    return Refused(f"{what}: AccessDenied: no")


def no_stack(script: Stubs) -> None:
    script.fails("cloudformation", "describe_stacks", "ValidationError")


def a_stack(script: Stubs, *resources: dict[str, Any], status: str = "CREATE_COMPLETE") -> None:
    """The stack is there, and lists these."""
    told = {"StackName": "lockgate-pr-7", "StackId": STACK, "StackStatus": status}
    found = {"Stacks": [{**told, "CreationTime": AT, "Tags": tags(OURS)}]}
    script.answers("cloudformation", "describe_stacks", found)
    listed = {"StackResourceSummaries": list(resources)}
    script.answers("cloudformation", "list_stack_resources", listed, StackName=STACK)


def listed(
    name: str, type_: str, physical: str, status: str = "CREATE_COMPLETE"
) -> dict[str, Any]:
    """A resource as the stack lists it."""
    return {
        "LogicalResourceId": name,
        "ResourceType": type_,
        "PhysicalResourceId": physical,
        "ResourceStatus": status,
        "LastUpdatedTimestamp": AT,
    }
