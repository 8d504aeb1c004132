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
    PROTECTED = "lockgate:protected"
    """On what its template protects: without its story, only a person may tear it down."""
    TEARDOWN = "lockgate:teardown"
    """How it ends, for whoever reclaims it once its story is no more."""
    SNAPSHOT = "lockgate:snapshot-of"
    """On a final snapshot, which outlives its environment: no orphan, and no part of a census."""


STACK = "AWS::CloudFormation::Stack"
_LONGEST_TAG = 256
_IN_A_TAG = frozenset(" _.:/=+-@")


def tag_value(text: str) -> str:
    """*text* as a tag may carry it: what AWS allows in none becomes `-`, and it is never empty."""
    allowed = "".join(c if c.isalnum() or c in _IN_A_TAG else "-" for c in text)
    return allowed[:_LONGEST_TAG].strip() or "-"


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
    kept: tuple[str, ...] = ()
    """What carries its tag and is kept on purpose, such as a final snapshot: it does not count."""

    @property
    def empty(self) -> bool:
        """Whether it proves that nothing is left."""
        return not self.resources and not self.unreadable

    @property
    def held(self) -> str | None:
        """Why nothing of it may be touched, as the tag of any of it says; None where none does."""
        reasons = (each.tags[Tag.HOLD] for each in self.resources if Tag.HOLD in each.tags)
        return next(reasons, None)

    @property
    def orphans(self) -> tuple[Resource, ...]:
        """What no stack holds any more, and so no deletion of one would take along."""
        if any(each.type == STACK for each in self.resources):
            return tuple(r for r in self.resources if r.type != STACK and not r.name)
        return self.resources

    def __str__(self) -> str:
        if self.unreadable:
            return f"could not count {', '.join(self.unreadable)}"
        return f"{len(self.resources)} resources" if self.resources else "nothing is left"
