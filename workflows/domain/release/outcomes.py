"""What came of releases, and what is owed for some: filed at an end, asked at the next start."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field

from workflows.domain.admission.assessment import Assessment
from workflows.domain.admission.change import ChangeClass
from workflows.domain.admission.facts import Facts
from workflows.domain.audit import Entry
from workflows.domain.release.phase import Phase
from workflows.domain.risk.earned import Ending, ending_of
from workflows.domain.risk.factors import Factors
from workflows.domain.risk.facts import Retrospective
from workflows.domain.risk.score import RiskLevel
from workflows.domain.values import Digest, Value


class Brought(Value):
    """What a release brought of one service: its commit, and the files that were touched."""

    service: str
    head: str | None = None
    paths: tuple[str, ...] = ()


class Profile(Value):
    """What the outcome of a release is filed under, as it was when the release was admitted.

    `low` is whether its risk was low and all of it known: only such a run earns anything.
    """

    pattern: Digest
    pattern_sentence: str
    change_class: ChangeClass
    score: int
    level: RiskLevel
    low: bool
    model: Digest
    factors: Factors
    brought: tuple[Brought, ...]
    retrospective_within: timedelta | None = None


class EndedRelease(Value):
    """A run of a release that has ended; *touched* is whether it had changed anything at all."""

    release: str
    run: str
    requested_by: str
    ended_at: AwareDatetime
    phase: Phase
    touched: bool
    profile: Profile

    @property
    def ending(self) -> Ending:
        return ending_of(self.phase, touched=self.touched)

    @property
    def owes(self) -> Retrospective | None:
        """The retrospective that this end opens, if any.

        An emergency owes one by a deadline, whatever became of it. A failure owes one without:
        until somebody has looked into it, its pattern earns nothing.
        """
        within = self.profile.retrospective_within if self.touched else None
        if within is None and self.ending is not Ending.FAILED:
            return None
        return Retrospective(
            release=self.release,
            services=tuple(one.service for one in self.profile.brought),
            opened_at=self.ended_at,
            due_at=None if within is None else self.ended_at + within,
        )


class Closing(Value):
    """Somebody looked into a release, and wrote down what they found."""

    release: str
    by: str
    finding: str = Field(min_length=10, max_length=4000)
    at: AwareDatetime

    @property
    def entry(self) -> Entry:
        """What the release's audit record says of it."""
        return Entry(
            key=f"retrospective/{self.at.isoformat()}",
            at=self.at,
            action="close_retrospective",
            sentence=f"{self.by} closed the retrospective: {self.finding}",
            outcome="done",
            actor=self.by,
        )


def profile_of(
    assessed: Assessment, facts: Facts, *, retrospective_within: timedelta | None = None
) -> Profile:
    """The profile of a release; *retrospective_within* is what its decision matrix asks for.

    Of that and of what the class asks for, the earlier one counts.
    """
    ruling, risk = assessed.change_class, assessed.risk
    asked = [w for w in (retrospective_within, ruling.retrospective_within) if w is not None]
    change = facts.change.sources if facts.change else ()
    told = {source.service: source for source in change}
    return Profile(
        pattern=assessed.pattern.digest,
        pattern_sentence=str(assessed.pattern),
        change_class=ruling.change_class,
        score=risk.total,
        level=risk.level,
        low=risk.level is RiskLevel.LOW and not risk.unknown and assessed.pattern.known,
        model=risk.model,
        factors=assessed.factors,
        brought=tuple(
            Brought(
                service=service,
                head=told[service].head if service in told else None,
                paths=told[service].paths if service in told else (),
            )
            for service in assessed.pattern.services
        ),
        retrospective_within=min(asked, default=None),
    )


def overdue_since(owed: Retrospective, at: datetime) -> timedelta | None:
    """How long the retrospective is overdue at *at*; None if it is not."""
    if owed.due_at is None or not owed.overdue(at):
        return None
    return at - owed.due_at
