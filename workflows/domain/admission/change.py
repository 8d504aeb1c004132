"""Standard, normal or emergency: computed from facts; a claim can only ask for more care.

A standard change goes without a vote, a normal one by the votes that its risk asks for. An
emergency is no third step on that ladder but another path: two people now, and a retrospective
afterwards. It spares the roles of a normal change, and nothing else: no rule, evidence, barred
role or refusal is any weaker for it. So that nobody takes it as the way around, the rows of a
normal change hold besides those of an emergency as long as no page bears the emergency out, or
an earlier one still owes its retrospective.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

from workflows.domain.admission.facts import Facts
from workflows.domain.errors import PolicyViolated
from workflows.domain.release.plan import Plan
from workflows.domain.risk.facts import Retrospective
from workflows.domain.risk.pattern import Pattern
from workflows.domain.risk.score import GatingLevel, RiskScore
from workflows.domain.spec import ReleaseSpec, RiskModelSpec
from workflows.domain.values import Digest, Value


class ChangeClass(StrEnum):
    STANDARD = "standard"
    NORMAL = "normal"
    EMERGENCY = "emergency"


class MaterialClass(Value):
    """The part of a ruling whose change voids an approval; its reasons are told, not approved."""

    change_class: ChangeClass
    rows: tuple[ChangeClass, ...]
    people: int
    pattern: Digest


class ClassRuling(Value):
    """The class of a release, why, and what follows from it.

    A decision matrix is asked for each class of `rows`, and what any of them asks for is asked
    for. `people` is how many different people must agree at least, whatever the matrix says.
    """

    change_class: ChangeClass
    claimed: str
    reasons: tuple[str, ...]
    pattern: Digest
    rows: tuple[ChangeClass, ...]
    people: int = 0
    retrospective_within: timedelta | None = None

    @property
    def material(self) -> MaterialClass:
        """What of it an approval is given for."""
        return MaterialClass(
            change_class=self.change_class,
            rows=self.rows,
            people=self.people,
            pattern=self.pattern,
        )

    def __str__(self) -> str:
        claimed = "auto" if self.claimed == "auto" else f"claimed {self.claimed}"
        return f"{self.change_class} ({claimed}): {'; '.join(self.reasons)}"


def classify(
    release: ReleaseSpec, facts: Facts, *, pattern: Pattern, risk: RiskScore, model: RiskModelSpec
) -> ClassRuling:
    """The class of *release* by what is known, never below what its author asks for."""
    claimed = release.change.claim
    if claimed == "emergency":
        return _emergency(release, facts, pattern, model)
    doubts = list(_doubts(facts, pattern, risk, model))
    if claimed == "normal":
        doubts.insert(0, "its author asks for it")
    found = ChangeClass.NORMAL if doubts else ChangeClass.STANDARD
    earned = f"{_runs(facts)} clean runs of its pattern at low risk, and none that failed since"
    return ClassRuling(
        change_class=found,
        claimed=claimed,
        reasons=tuple(doubts) or (earned,),
        pattern=pattern.digest,
        rows=(found,),
    )


def blocked_by_debt(facts: Facts, ruling: ClassRuling) -> Iterator[str]:
    """Why an overdue retrospective of one of its services keeps the release from going."""
    if ruling.change_class is ChangeClass.EMERGENCY:
        return
    for owed in _overdue(facts):
        yield (
            f"the retrospective of {owed.release} was due at {owed.due_at:%Y-%m-%d %H:%MZ}, and "
            f"{', '.join(owed.services)} goes no further before it is closed; whoever looked into "
            f"it clears this with `lockgate retrospective close {owed.release} --finding …`"
        )


def raise_if_in_debt(facts: Facts, ruling: ClassRuling) -> None:
    """Refuse a release of a service that owes a retrospective.

    Raises:
        PolicyViolated: with each that is overdue, and who can clear it.
    """
    if problems := list(blocked_by_debt(facts, ruling)):
        raise PolicyViolated("\n".join(problems))


def too_few(plan: Plan, ruling: ClassRuling) -> Iterator[str]:
    """Name each gate that fewer people could open than the class asks for."""
    for stage in plan.stages:
        asked = sum(need.count for need in stage.gate.needs) if stage.gate else ruling.people
        if asked < ruling.people:
            yield (
                f"environment {stage.environment!r} asks for {asked} approval, and class "
                f"{ruling.change_class} for {ruling.people} people: give its Policy a row for "
                f"{ruling.change_class} changes"
            )


def _doubts(
    facts: Facts, pattern: Pattern, risk: RiskScore, model: RiskModelSpec
) -> Iterator[str]:
    """Everything that keeps the release from being standard."""
    standing, needed = facts.standing, model.earned.clean_runs
    if standing is None or standing.pattern != pattern.digest:
        yield "nobody knows what its pattern has behind it"
    elif standing.failed_release is not None:
        yield (
            f"its pattern lost its standing with {standing.failed_release}, which nobody has "
            "closed the retrospective of"
        )
    elif standing.clean_runs < needed:
        yield f"{standing.clean_runs} of {needed} clean runs of its pattern at low risk"
    if not pattern.known or risk.unknown:
        named = ", ".join(one.what for one in risk.unknown) or "what it changes"
        yield f"not everything is known: {named}"
    if risk.gating_level is GatingLevel.UNASSESSED:
        yield f"its risk decides nothing yet: {risk.calibration.why}"
    elif risk.gating_level is not GatingLevel.LOW:
        yield f"its risk is {risk.level}"


def _emergency(
    release: ReleaseSpec, facts: Facts, pattern: Pattern, model: RiskModelSpec
) -> ClassRuling:
    reasons = [f"its author claims that it ends {release.change.incident}"]
    also_normal = list(_not_borne_out(facts))
    reasons += [f"the rows of a normal change hold, too: {why}" for why in also_normal]
    rows = (ChangeClass.EMERGENCY, *([ChangeClass.NORMAL] if also_normal else []))
    return ClassRuling(
        change_class=ChangeClass.EMERGENCY,
        claimed="emergency",
        reasons=tuple(reasons),
        pattern=pattern.digest,
        rows=rows,
        people=_TWO,
        retrospective_within=model.emergency.retrospective,
    )


_TWO = 2


def _not_borne_out(facts: Facts) -> Iterator[str]:
    told = facts.on_call.on_call if facts.on_call else ()
    if not any(one.pages_24h for one in told):
        yield "nobody on call for its services was paged in the last 24 hours"
    for owed in _overdue(facts):
        yield f"the retrospective of {owed.release} is overdue"


def _overdue(facts: Facts) -> list[Retrospective]:
    owed = facts.standing.owed if facts.standing else ()
    return [one for one in owed if one.overdue(facts.at)]


def _runs(facts: Facts) -> int:
    return facts.standing.clean_runs if facts.standing else 0
