"""Who must agree, and who the people are."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from workflows.domain.durations import Duration
from workflows.domain.duties import Separation
from workflows.domain.identity import Assurance
from workflows.domain.spec.document import Document
from workflows.domain.spec.identity import AccountsSpec, SeparationSpec
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
    identity: Assurance = Assurance.PROVEN
    """Whether people prove who they are by a token of an identity provider, or only say so."""
    separation_of_duties: SeparationSpec | None = None
    """Which duties lie with different humans. Left out, nobody approves what they are known to
    have asked for, written or built."""

    @property
    def separation(self) -> Separation:
        """What is written; else whoever is known is kept apart, and nobody need be."""
        if self.separation_of_duties is not None:
            return self.separation_of_duties.separation
        proven = self.identity is Assurance.PROVEN
        return Separation(unmapped="deny" if proven else "report")


class PersonSpec(SpecPart):
    """A human of the catalog and the roles they hold."""

    roles: Names = Field(min_length=1)
    """What they may approve as."""
    accounts: AccountsSpec = AccountsSpec()
    """What other systems call them."""


class Policy(Document):
    kind: Literal["Policy"]
    spec: PolicySpec


class Person(Document):
    kind: Literal["Person"]
    spec: PersonSpec
