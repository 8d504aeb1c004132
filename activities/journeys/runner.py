"""Runs one journey on one version: each try with its cleanup."""

import secrets
import time
from collections.abc import Callable, Mapping

from activities.journeys.arm import Arm, Tally, plus
from activities.journeys.checks import Lacking, findings, place_of, taken
from activities.journeys.entrance import HttpEntrance
from activities.journeys.scrub import Scrubber
from activities.journeys.visit import Answer, NeverSent, NoAnswer, Unsendable, Visit
from workflows.domain.journeys.plan import JourneyPlan, StepPlan
from workflows.domain.journeys.report import ArmReport, ArmWord, Finding, Sent, StepReport
from workflows.domain.journeys.template import NotSet, Scalar, as_text
from workflows.domain.spec.journey import CLEANUP_WITHIN


def run_arm(
    plan: JourneyPlan,
    arm: Arm,
    entrance: HttpEntrance,
    held: Mapping[str, str],
    *,
    tally: Tally,
    halted: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> ArmReport:
    """Try *plan* until it passes, or as often as it says; *held* are its secrets by name.

    Once *halted*, no further step is begun but those of the cleanup.
    """
    tries = 0
    while True:
        tries += 1
        trace = secrets.token_hex(16)
        with entrance.visit(plan.service, arm.headers, trace=trace) as visit:
            report = _Try(plan, arm, visit, held, halted=halted, clock=clock).run(tally)
        if report.word is ArmWord.PASSED or tries >= plan.tries or halted():
            return report.model_copy(update={"tries": tries, "trace": trace})


class _Stopped(Exception):
    """A step did not pass; the argument is why."""

    def __init__(self, word: ArmWord, reason: str) -> None:
        super().__init__(reason)
        self.word = word


class _Try:
    """One try: values of its own, one deadline for the steps and one for the cleanup."""

    def __init__(
        self,
        plan: JourneyPlan,
        arm: Arm,
        visit: Visit,
        held: Mapping[str, str],
        *,
        halted: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._plan = plan
        self._halted = halted
        self._arm = arm
        self._visit = visit
        self._clock = clock
        self._scrub = Scrubber(held.values())
        self._values: dict[str, Scalar] = {
            **plan.variables,
            **held,
            "run": f"synthetic-{secrets.token_hex(8)}",
        }
        self._strayed = Sent()
        self._steps: list[StepReport] = []
        self._cleanup: list[StepReport] = []

    def run(self, tally: Tally) -> ArmReport:
        word, reason = ArmWord.PASSED, f"all {len(self._plan.steps)} steps passed"
        try:
            self._walk()
        except _Stopped as stopped:
            word, reason = stopped.word, str(stopped)
        finally:
            # On every path, a bug among them: what a journey left must not stay.
            leftover = self._clean_up()
            tally.add(self._visit, self._strayed)
        if leftover:
            reason = f"{reason}; cleanup did not succeed: {', '.join(leftover)}"
        return ArmReport(
            word=word,
            reason=self._scrub(reason),
            steps=tuple(self._steps),
            cleanup=tuple(self._cleanup),
            leftover=leftover,
        )

    def _walk(self) -> None:
        deadline = self._clock() + self._plan.timeout.total_seconds()
        for step in self._plan.steps:
            if self._halted():
                raise _Stopped(ArmWord.UNREACHABLE, f"{step.name}: not begun: it was stopped")
            self._take(step, into=self._steps, deadline=deadline)

    def _clean_up(self) -> tuple[str, ...]:
        """Try every cleanup step, whatever became of the others; name those that failed."""
        if self._visit.requests == 0:
            return ()
        deadline = self._clock() + CLEANUP_WITHIN.total_seconds()
        left: list[str] = []
        for step in self._plan.cleanup:
            try:
                self._take(step, into=self._cleanup, deadline=deadline)
            except NotSet as missing:
                why = f"{missing} was never captured"
                self._cleanup.append(StepReport(name=step.name, left_out=why))
            except _Stopped:
                left.append(step.name)
        return tuple(left)

    def _take(self, step: StepPlan, *, into: list[StepReport], deadline: float) -> None:
        """Do *step* and note how it went.

        Raises:
            _Stopped: it did not pass.
            NotSet: it needs a value that was never captured.
        """
        before = self._visit.errors
        try:
            answer = self._visit.send(step.request, self._values, within=deadline - self._clock())
        except NeverSent as error:
            into.append(StepReport(name=step.name))
            reason = f"{step.name}: the entrance cannot be reached: {error}"
            raise _Stopped(ArmWord.UNREACHABLE, reason) from None
        except NoAnswer as error:
            self._fail(step, [_finding("answer", "one in time", str(error))], into=into)
        except Unsendable as error:
            self._fail(step, [_finding("request", "one that can be sent", str(error))], into=into)
        else:
            self._note_stray(step, answer, failed=self._visit.errors > before, into=into)
            self._hold_against(step, answer, into=into)

    def _hold_against(self, step: StepPlan, answer: Answer, *, into: list[StepReport]) -> None:
        for cookie in self._visit.cookies:
            self._scrub.hide(cookie)
        wrong = list(findings(step, answer, self._values))
        if not wrong:
            wrong = self._capture(step, answer)
        if wrong:
            self._fail(step, wrong, into=into, answer=answer)
        into.append(_report(step, answer))

    def _capture(self, step: StepPlan, answer: Answer) -> list[Finding]:
        """Take what later steps need; what cannot be taken is found lacking."""
        lacking = []
        for capture in step.captures:
            try:
                value = taken(capture, answer)
            except Lacking as error:
                lacking.append(_finding(place_of(capture), f"{capture.name}", str(error)))
                continue
            self._values[capture.name] = value
            if capture.hidden:
                self._scrub.hide(as_text(value))
        return lacking

    def _note_stray(
        self, step: StepPlan, answer: Answer, *, failed: bool, into: list[StepReport]
    ) -> None:
        header = self._plan.version_header
        version = answer.headers.get(header) if header else None
        if not self._arm.strayed(version):
            return
        self._strayed = plus(self._strayed, Sent(requests=1, errors=int(failed)))
        into.append(_report(step, answer))
        wanted = self._arm.expects or f"any version but {self._arm.avoids}"
        reason = f"{step.name}: answered by {version}, asked of {wanted}: routed elsewhere"
        raise _Stopped(ArmWord.UNREACHABLE, reason)

    def _fail(
        self,
        step: StepPlan,
        wrong: list[Finding],
        *,
        into: list[StepReport],
        answer: Answer | None = None,
    ) -> None:
        told = tuple(
            Finding(
                check=self._scrub(each.check),
                expected=self._scrub(each.expected),
                found=self._scrub(each.found),
            )
            for each in wrong
        )
        into.append(_report(step, answer, told[:_MOST_FINDINGS]))
        first = told[0]
        reason = f"{step.name}: {first.check}: expected {first.expected}, found {first.found}"
        raise _Stopped(ArmWord.FAILED, reason)


_MOST_FINDINGS = 5


def _finding(check: str, expected: str, found: str) -> Finding:
    return Finding(check=check, expected=expected, found=found)


def _report(step: StepPlan, answer: Answer | None, wrong: tuple[Finding, ...] = ()) -> StepReport:
    if answer is None:
        return StepReport(name=step.name, findings=wrong)
    return StepReport(
        name=step.name, status=answer.status, latency_ms=answer.latency_ms, findings=wrong
    )
