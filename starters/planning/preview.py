"""What is known of a release before its start: the order, its plan, and the traffic measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from starters.planning import plan_steps
from starters.planning.measuring import NOT_ASKED, Measured
from starters.planning.plan_steps import PlannedStep, planned_steps
from workflows.domain.admission.admission import Admission
from workflows.domain.durations import write_duration
from workflows.domain.gates.vote import may_vote
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.plan import GateRule, Plan, Promotion
from workflows.domain.watching.silences import SilenceRule


@dataclass(frozen=True, kw_only=True)
class Preview:
    """An order, the ruling on it, the command that starts it, and the traffic of its targets."""

    order: ReleaseOrder
    admission: Admission
    start: str
    measured: Mapping[str, Measured] = field(default_factory=dict)
    unread: str = ""
    """Why facts are missing; empty where all were read."""

    @property
    def plan(self) -> Plan:
        return self.admission.plan

    def traffic_of(self, promotion: Promotion) -> Measured:
        if promotion not in self.plan.standing:
            return Measured(why_not=f"{promotion.target.environment} is created for the release")
        return self.measured.get(str(promotion.target), NOT_ASKED)

    def steps_of(self, promotion: Promotion) -> tuple[PlannedStep, ...]:
        return planned_steps(promotion, self.plan.budget, self.traffic_of(promotion))

    @property
    def shortest(self) -> timedelta:
        """How long the steps take if every look passes and every gate opens at once.

        Copying, installing and starting come on top: how long they take is not decided, but
        found out. So does an analysis whose traffic was not measured.
        """
        steps = (self.steps_of(promotion) for promotion in self.plan.promotions)
        return sum((plan_steps.shortest(each) for each in steps), timedelta(0))

    @property
    def longest(self) -> timedelta | None:
        """How long gates and steps may take at most; None if one waits for somebody."""
        most = [plan_steps.longest(self.steps_of(p)) for p in self.plan.promotions]
        gates = (stage.gate.open_for for stage in self.plan.stages if stage.gate is not None)
        total = sum(gates, timedelta(0))
        for each in most:
            if each is None:
                return None
            total += each
        return total


def voters(gate: GateRule, role: str, requested_by: str) -> list[str]:
    """Who may give the votes of *role*: nobody who asked for, wrote or built what is released."""
    return [name for name in may_vote(gate, requested_by) if role in gate.people[name]]


def criticality(promotion: Promotion) -> str | None:
    """How much a wrong promotion would cost; one that compares nothing has none."""
    judges = (step.analysis.judge for step in promotion.steps if step.analysis is not None)
    return next((str(judge.criticality) for judge in judges), None)


def expected_alerts(promotion: Promotion) -> tuple[SilenceRule, ...]:
    """Alerts that are silenced for the new version while it is shifted."""
    return promotion.masking.rules if promotion.masking is not None else ()


def alert_text(rule: SilenceRule) -> str:
    """What is silenced, how large it may be, and how long it may last."""
    return f"{rule.alertname} up to {rule.at_most:g} for {write_duration(rule.window)}"
