"""Who must agree, and who the people are."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from workflows.domain.durations import Duration
from workflows.domain.spec.document import Document
from workflows.domain.spec.rules import RulesSpec
from workflows.domain.values import Name, Names, SpecPart


class ApproverRule(SpecPart):
    """So many people of one role."""

    role: Name
    """A role, as the catalog's `Person` documents name it."""
    count: int = Field(default=1, ge=1, le=10)
    """So many different people of it."""


class ApprovalsSpec(SpecPart):
    """Who must approve before an environment is touched; the requester's own vote never counts."""

    require: tuple[ApproverRule, ...] = Field(min_length=1, max_length=10)
    """All of these; one person counts for one of them."""
    expire_after: Duration = timedelta(hours=24)
    """How long the gate stays open; then the release is denied."""


class PolicySpec(SpecPart):
    """The rules that guard an environment, written by those who answer for it."""

    approvals: ApprovalsSpec
    """Who must agree."""
    rules: RulesSpec | None = None
    """Rego that may deny the release, warn of it, or ask for a role besides."""


class PersonSpec(SpecPart):
    """A human of the catalog and the roles they hold."""

    roles: Names = Field(min_length=1)
    """What they may approve as."""


class Policy(Document):
    kind: Literal["Policy"]
    spec: PolicySpec


class Person(Document):
    kind: Literal["Person"]
    spec: PersonSpec
