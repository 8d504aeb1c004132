"""What exists of an environment, as the provider counts it by tag; and the tags themselves."""

from datetime import datetime
from enum import StrEnum

from workflows.domain.values import View


class Tag(StrEnum):
    """The tags of every resource that Lockgate has made; who owns it, why, and until when.

    Nothing is torn down by name: what carries no `ENVIRONMENT` is none of ours.
    """

    ENVIRONMENT = "lockgate:environment"
    TEMPLATE = "lockgate:template"
    DIGEST = "lockgate:template-digest"
    OWNER = "lockgate:owner"
    TEAM = "lockgate:team"
    PURPOSE = "lockgate:purpose"
    EXPIRY = "lockgate:expiry"
    RELEASE = "lockgate:release"
    HOLD = "lockgate:hold"
    """Why nothing may tear it down; it outlives the story that put it there."""
    SNAPSHOT = "lockgate:snapshot-of"
    """On a final snapshot, which outlives its environment: no orphan, and no part of a census."""


class Resource(View):
    """One thing that exists, by the provider's own name for it (an ARN at AWS)."""

    id: str
    type: str
    """As CloudFormation names it, such as `AWS::S3::Bucket`; empty where nothing tells."""
    name: str = ""
    """What the template calls it; empty for what is not, or no longer, part of the stack."""
    tags: dict[str, str] = {}

    def __str__(self) -> str:
        return f"{self.name or self.type or 'resource'} ({self.id})"


class Census(View):
    """Everything with the tags of one environment, and its stack, at one time."""

    environment: str
    at: datetime
    resources: tuple[Resource, ...] = ()
    unreadable: tuple[str, ...] = ()
    """What could not be counted, and why: a census with any proves nothing to be empty."""

    @property
    def empty(self) -> bool:
        """Whether it proves that nothing is left."""
        return not self.resources and not self.unreadable

    def __str__(self) -> str:
        if self.unreadable:
            return f"could not count {', '.join(self.unreadable)}"
        return f"{len(self.resources)} resources" if self.resources else "nothing is left"
