"""Watching a canary through one stage, and what each of the five words leads to."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.verdict import Verdict, Word
from workflows.domain.canary.watch import Cause, ShareAsked, Watched, WatchRules
from workflows.domain.errors import CanaryUnhealthy, ShareNotServed
from workflows.domain.release.commands import UNSIGNED
from workflows.domain.release.plan import Analysis, Bake, VerdictAction
from workflows.domain.release.status import Blocker, Progress
from workflows.domain.traffic.route import COUNT_MARKED_APART
from workflows.ports.metrics import MetricsPort, PlanStage, WatchCanary
from workflows.steps.ascent import Ascent
from workflows.steps.call import call
from workflows.steps.held import ANYONE, held_by
from workflows.steps.shield import dropped

_SESSION = 50.0
"""Requests of a busy session: where sessions are kept, it takes so many times more to tell."""


async def watch(ascent: Ascent, analysis: Analysis) -> None:
    """Watch until the stage has an end; see `_Stage`.

    Raises:
        CanaryUnhealthy: the canary does harm, or could not be passed in the step's time.
        ShareNotServed: the router gives the canary another share than it says.
    """
    rules = _rules_of(ascent, analysis.judge, analysis)
    lasts = analysis.duration or await _planned(ascent, analysis, rules)
    await _Stage(ascent, analysis, rules, f"at {ascent.percent}%").watched(lasts)


async def bake(ascent: Ascent, step: Bake) -> None:
    """Keep watching after 100 %, for as long as the bake lasts."""
    judge = JudgeConfig(
        interval=step.interval.total_seconds(), horizon=step.duration.total_seconds(), metrics=()
    )
    rules = _rules_of(ascent, judge, step).model_copy(update={"compares": False, "share": None})
    await _Stage(ascent, step, rules, "in the bake").watched(step.duration)


async def guard(ascent: Ascent) -> None:
    """Keep the service's own thresholds while the ladder waits at a weight, until cancelled.

    Raises:
        CanaryUnhealthy: one of them is crossed.
    """
    step = ascent.promotion.guard
    if step is None or not ascent.percent:
        return
    judge = JudgeConfig(
        interval=step.interval.total_seconds(), horizon=step.duration.total_seconds(), metrics=()
    )
    rules = _rules_of(ascent, judge, step).model_copy(update={"compares": False, "share": None})
    stage = _Stage(ascent, step, rules, f"while it waits at {ascent.percent}%")
    while True:
        await stage.looked(step.duration)


def _rules_of(ascent: Ascent, judge: JudgeConfig, step: Analysis | Bake) -> WatchRules:
    return WatchRules(
        judge=judge,
        thresholds=step.thresholds,
        share=_share_asked(ascent),
        budget=ascent.budget,
        spent=ascent.spent,
    )


def _share_asked(ascent: Ascent) -> ShareAsked | None:
    """The weight to measure; copies are requests as well, and no part of any share."""
    if ascent.mirror and not ascent.percent:
        return None
    return ShareAsked(
        percent=ascent.percent,
        requests_per_session=1 if ascent.promotion.affinity is None else _SESSION,
        marked=ascent.header is not None
        and ascent.promotion.systems.router.type not in COUNT_MARKED_APART,
    )


async def _planned(ascent: Ascent, analysis: Analysis, rules: WatchRules) -> timedelta:
    """How long the stage must last at this traffic; told before it begins."""
    plan = await call(
        MetricsPort.plan_stage,
        PlanStage(
            target=ascent.target,
            percent=ascent.percent,
            judge=rules.judge,
            traffic=ascent.traffic,
            at_most=analysis.at_most,
        ),
        trail=ascent.tale.trail,
    )
    await ascent.tale.tell(doing=f"watch: {plan.reason}")
    return timedelta(seconds=plan.seconds)


class _Stage:
    """One stage's watch, gone on with until something ends it.

    Proof of harm ends it at once. A pass ends it, unless a person holds the release: then only
    harm does. When its time is over without a pass, the template says whether to turn back, to
    go on for as long again, or to hold; a hold looks on, and clears by itself on a pass.
    """

    def __init__(
        self, ascent: Ascent, step: Analysis | Bake, rules: WatchRules, called: str
    ) -> None:
        self._ascent = ascent
        self._step = step
        self._rules = rules
        self._called = called
        self._lasted = timedelta(0)
        self._holds_since: datetime | None = None

    async def looked(self, lasts: timedelta) -> None:
        """One watch, of which harm alone matters; what it saw counts also when it is cancelled."""
        ascent = self._ascent
        try:
            end = await self._ask(lasts)
        except asyncio.CancelledError:
            ascent.served = ascent.served + ascent.tale.seen.served
            raise
        ascent.tale.watched(end)
        ascent.served = ascent.served + end.served
        self._raise_if_harmful(end)

    async def watched(self, lasts: timedelta) -> None:
        """Return once the stage is passed, or somebody said to go on without that."""
        steering = self._ascent.steering
        steering.take_go_on()  # what was said before this stage is not about it
        span, passed = lasts, False
        while True:
            end = await self._watch(span, until_resumed=passed)
            self._lasted += span
            if end is not None:
                self._raise_if_harmful(end)
                # A hold that had to be cut short has not watched for as long as it must.
                passed = end.verdict.word is Word.PASS and (end.early or span >= lasts)
            if steering.go_on is not None:
                self._note_override()
                break
            if passed and steering.held is None:
                break
            span = await self._go_on(lasts, end, passed=passed)
        await self._ascent.tale.tell(progress=Progress.SHIFTING, blocked_by=())

    async def _watch(self, span: timedelta, *, until_resumed: bool) -> Watched | None:
        """One watch; None where a person's word came before its end."""
        ascent, steering = self._ascent, self._ascent.steering
        watching = asyncio.ensure_future(self._ask(span))

        def over() -> bool:
            resumed = until_resumed and steering.held is None
            return watching.done() or steering.go_on is not None or resumed

        try:
            while not over():
                await self._until_news(over)
        except asyncio.CancelledError:
            await dropped(watching)
            raise
        if not watching.done():
            await dropped(watching)
            ascent.served = ascent.served + ascent.tale.seen.served
            return None
        end = watching.result()
        ascent.tale.watched(end)
        ascent.tale.record_now_and_then()
        ascent.carried, ascent.served = end.carried, ascent.served + end.served
        return end

    async def _until_news(self, over: Callable[[], bool]) -> None:
        """Say on the page who holds the release, if anybody does, until that changes."""
        steering, tale = self._ascent.steering, self._ascent.tale
        held = steering.held
        if (blocker := held_by(steering)) is not None:
            await tale.hold(blocker)
        elif self._holds_since is None:
            await tale.tell(progress=Progress.SHIFTING, blocked_by=())
        await workflow.wait_condition(lambda: over() or steering.held is not held)

    async def _ask(self, span: timedelta) -> Watched:
        ascent = self._ascent
        judge = self._rules.judge.model_copy(update={"horizon": span.total_seconds()})
        return await call(
            MetricsPort.watch_canary,
            WatchCanary(
                target=ascent.target,
                source=ascent.promotion.systems.metrics,
                canary=ascent.canary,
                baseline=ascent.baseline if self._rules.compares else None,
                measures=self._step.measures,
                rules=self._rules.model_copy(update={"judge": judge, "spent": ascent.spent}),
                carried=ascent.carried,
                stage=self._called,
                watch=ascent.tale.opened(span),
            ),
            trail=ascent.tale.trail,
        )

    def _raise_if_harmful(self, end: Watched) -> None:
        if end.verdict.word is not Word.FAIL:
            return
        error = ShareNotServed if end.cause is Cause.SHARE else CanaryUnhealthy
        raise error(f"{self._ascent.target}: {end.verdict.reason}")

    def _note_override(self) -> None:
        told = self._ascent.steering.take_go_on() or UNSIGNED
        self._ascent.tale.trail.note(
            "override",
            f"go on {self._called} with verdict {self._ascent.tale.view.verdict}",
            outcome="promoted",
            detail=told.reason,
            actor=told.by,
        )

    async def _go_on(self, lasts: timedelta, end: Watched | None, *, passed: bool) -> timedelta:
        """How long to watch on, with the reason on the page; raises when there is no more time."""
        tale = self._ascent.tale
        if passed or end is None or self._ascent.steering.held is not None:
            return lasts
        if end.verdict.word is Word.PASS:  # of a hold's last moments: too soon to go by
            doing = f"watch a whole stage: {end.verdict.reason}"
            await tale.tell(progress=Progress.SHIFTING, doing=doing, blocked_by=())
            return lasts
        if self._action(end.verdict.word) == "extend" and self._may_extend(lasts):
            await tale.tell(doing=f"watch on: {end.verdict.reason}", blocked_by=())
            return lasts
        return await self._hold(lasts, end.verdict)

    def _may_extend(self, lasts: timedelta) -> bool:
        at_most = getattr(self._step, "at_most", None)
        return at_most is not None and self._lasted + lasts <= at_most

    async def _hold(self, lasts: timedelta, verdict: Verdict) -> timedelta:
        now = workflow.now()
        self._holds_since = self._holds_since or now
        left = self._holds_since + self._step.hold_for - now
        if self._action(verdict.word) == "rollback" or left <= timedelta(0):
            raise CanaryUnhealthy(
                f"{self._ascent.target}: no pass within the step's time; last {verdict}"
            )
        blocker = Blocker(
            gate="analysis", reason=str(verdict), can_be_cleared_by=ANYONE, clears_at=now + left
        )
        await self._ascent.tale.hold(blocker)
        return min(lasts, left)

    def _action(self, word: Word) -> VerdictAction:
        match word:
            case Word.NO_DATA:
                return self._step.no_data
            case Word.PROVIDER_ERROR:
                return self._step.provider_error
            case _:
                return self._step.inconclusive
