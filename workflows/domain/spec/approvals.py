"""Who must agree, where a policy says so once for every case."""

from datetime import timedelta

from pydantic import Field

from workflows.domain.durations import Duration
from workflows.domain.values import Name, SpecPart


class ApproverRule(SpecPart):
    """So many people of one role."""

    role: Name
    """A role, as the catalog's `Person` documents name it."""
    count: int = Field(default=1, ge=1, le=10)
    """So many different people of it."""


class ApprovalsSpec(SpecPart):
    """Who must approve before an environment is touched; the requester's own vote never counts."""

    require: tuple[ApproverRule, ...] | None = Field(default=None, min_length=1, max_length=10)
    """All of these, in every case; one person counts for one of them."""
    expire_after: Duration = timedelta(hours=24)
    """How long the gate stays open; then the release is denied."""
