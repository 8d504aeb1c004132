"""Journeys that are made up: nothing is sent, and what two versions prove is compared for real."""

from workflows.domain.journeys.plan import JourneyPlan
from workflows.domain.journeys.report import (
    ArmReport,
    ArmWord,
    Finding,
    JourneyReport,
    Sent,
    SentByArm,
    StepReport,
    compare,
)
from workflows.domain.values import Target
from workflows.ports.journeys import JourneysPort, RunJourney

_OK, _BROKEN = 200, 500


class FakeJourneys(JourneysPort):
    """Every journey passes until told otherwise, target by target.

    The canary of a target in `failing` fails its first step, and so does the baseline of one in
    `failing_baseline`; while `down`, nothing can be tried. `asks` lists what was asked, in order.
    """

    def __init__(self) -> None:
        self.failing: set[Target] = set()
        self.failing_baseline: set[Target] = set()
        self.down = False
        self.asks: list[RunJourney] = []

    def run_journey(self, ask: RunJourney) -> JourneyReport:
        self.asks.append(ask)
        canary = self._arm(ask.journey, failing=ask.target in self.failing)
        baseline = self._arm(ask.journey, failing=ask.target in self.failing_baseline)
        outcome = compare(canary, baseline)
        return JourneyReport(
            journey=ask.journey.name,
            word=outcome.word,
            reason=outcome.reason,
            canary=canary,
            baseline=baseline,
            sent=SentByArm(canary=_sent(canary), baseline=_sent(baseline)),
        )

    def _arm(self, plan: JourneyPlan, *, failing: bool) -> ArmReport:
        first = plan.steps[0].name
        if self.down:
            reason = f"{first}: the entrance cannot be reached: no connection"
            return ArmReport(word=ArmWord.UNREACHABLE, reason=reason, tries=plan.tries)
        if not failing:
            steps = tuple(StepReport(name=step.name, status=_OK) for step in plan.steps)
            return ArmReport(
                word=ArmWord.PASSED, reason=f"all {len(steps)} steps passed", steps=steps
            )
        finding = Finding(check="status", expected=str(_OK), found=str(_BROKEN))
        return ArmReport(
            word=ArmWord.FAILED,
            reason=f"{first}: status: expected {_OK}, found {_BROKEN}",
            steps=(StepReport(name=first, status=_BROKEN, findings=(finding,)),),
            tries=plan.tries,
        )


def _sent(arm: ArmReport) -> Sent:
    errors = sum(step.status == _BROKEN for step in arm.steps)
    return Sent(requests=len(arm.steps) * arm.tries, errors=errors * arm.tries)
