"""The readiness review of an environment: who must say go, and how they are asked."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from workflows.domain.spec.escalation import Levels, Span
from workflows.domain.values import Names, SpecPart


class Aspect(StrEnum):
    """A part of what a readiness review is about."""

    MANIFEST = "manifest"
    RISK = "risk"
    EVIDENCE = "evidence"
    RUNBOOK = "runbook"
    RULES = "rules"
    CALENDAR = "calendar"


DECIDED_ON = (Aspect.MANIFEST, Aspect.RISK, Aspect.EVIDENCE, Aspect.RUNBOOK, Aspect.RULES)
"""What the decision digest covers."""


class ReadinessReviewSpec(SpecPart):
    """Who says go before a release enters an environment; a no-go or silence holds it."""

    before: Span = timedelta(hours=24)
    """How long before the release could start the review opens; at once where that is past."""
    roles: Names = Field(min_length=1, max_length=10)
    """Each must say go, by different people; who asked for the release fills none of them."""
    remind_after: Span | None = timedelta(hours=4)
    """How often those who have said nothing are reminded."""
    escalate_to: Levels = ()
    """Who is asked when they stay silent, one after the other."""
    reopen_on: tuple[Aspect, ...] = Field(default=DECIDED_ON, max_length=len(Aspect))
    """What voids every word said, and reopens the review, when it changes."""
