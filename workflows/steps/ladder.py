"""Canary steps: route, shift, watch, go on; or raise what ends the promotion."""

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow

from workflows.domain.canary.looks import until_next_look
from workflows.domain.canary.verdict import Verdict, Word
from workflows.domain.errors import CanaryUnhealthy
from workflows.domain.plan import Analysis, HeaderRoute, LadderStep
from workflows.domain.promotion import PromotionOrder
from workflows.domain.status import Blocker, Progress
from workflows.domain.values import Digest, Percent
from workflows.ports.metrics import JudgeCanary, MetricsPort, OpenWindow, Window
from workflows.ports.traffic import ShiftTraffic, TrafficPort
from workflows.steps.call import call
from workflows.steps.held import held_by, while_held
from workflows.steps.steering import Steering
from workflows.steps.tale import PromotionTale

_ANYONE = ("anyone who may steer the release: lockgate promote, abort or rollback",)


class Ladder:
    """Climbs from no traffic to all of it, a step at a time, looking down at each."""

    def __init__(
        self, order: PromotionOrder, baseline: Digest, steering: Steering, tale: PromotionTale
    ) -> None:
        self._order = order
        self._promotion = order.promotion
        self._baseline = baseline
        self._steering = steering
        self._tale = tale
        self._header: HeaderRoute | None = None
        self._percent: Percent = 0

    async def climb(self) -> None:
        """Take every step in order.

        Raises:
            CanaryUnhealthy: the judge failed the canary, or held it until its time ran out.
            ReleaseError: what a port raised.
        """
        for number, step in enumerate(self._promotion.steps, start=1):
            if step.analysis is None:  # an analysis holds by itself, and watches meanwhile
                await while_held(self._steering, self._tale)
            self._steering.take_go_on()  # what ended a hold is not about the step after it
            await self._tale.tell(step=number, doing=str(step), progress=Progress.SHIFTING)
            await self._take(step)

    async def _take(self, step: LadderStep) -> None:
        if step.header_route is not None:
            self._header = step.header_route
            await self._shift(self._percent)
        elif step.weight is not None:
            await self._shift(step.weight)
        elif step.analysis is not None:
            await self._watch(step.analysis)
        else:
            await self._pause(step.pause)

    async def _shift(self, percent: Percent) -> None:
        """Set the weight and believe what the router reads back; 100 % leaves one version.

        Not before the record has what led to it; the shift itself is recorded while it is watched.
        """
        await self._tale.recorded()
        new, whole = self._promotion.artifact.digest, percent == 100
        self._percent = percent
        route = await call(
            TrafficPort.shift_traffic,
            ShiftTraffic(
                target=self._promotion.target,
                router=self._promotion.systems.router,
                stable=new if whole else self._baseline,
                canary=None if whole else new,
                percent=0 if whole else percent,
                header=None if whole else self._header,
                replaces=self._baseline if whole else None,
                release=self._order.release,
            ),
            trail=self._tale.trail,
        )
        await self._tale.tell(route=route, weight=percent)
        self._tale.record()

    async def _watch(self, analysis: Analysis) -> None:
        """Look at each interval until the verdict ends the step.

        A failing look ends it at once. A pass ends it when the step has lasted long enough.
        When the time is over without a pass, the template says whether to turn back or to hold;
        holding goes on looking, and clears by itself on a pass. While a person holds the release
        nothing but a failing look ends the step.
        """
        self._steering.take_go_on()  # what was said before this step is not about it
        window = await self._open_window()
        began, look = workflow.now(), 0
        while True:
            await self._rest_before(look + 1, analysis, workflow.now() - began)
            look += 1
            verdict = await self._judge(analysis, window, look)
            elapsed = workflow.now() - began
            if self._ended(analysis, verdict, elapsed):
                return
            await self._explain_wait(analysis, verdict, elapsed)

    def _ended(self, analysis: Analysis, verdict: Verdict, elapsed: timedelta) -> bool:
        """Whether the step is over; raises when it is over for the worse."""
        if verdict.word is Word.FAIL:
            raise CanaryUnhealthy(f"{self._promotion.target}: {verdict.reason}")
        if (told := self._steering.take_go_on()) is not None:
            self._tale.trail.note(
                "override",
                f"go on at {self._percent}% with verdict {verdict}",
                outcome="promoted",
                detail=told.reason,
                actor=told.by,
            )
            return True
        if self._steering.held is not None:
            return False  # a person asked for time; only proof of harm goes before that
        if verdict.word is Word.PASS:
            return elapsed >= analysis.at_least
        over = elapsed - analysis.duration
        if over < timedelta(0):
            return False
        if _action(analysis, verdict.word) == "rollback" or over >= analysis.hold_for:
            raise CanaryUnhealthy(
                f"{self._promotion.target}: no pass within the step's time; last {verdict}"
            )
        return False

    async def _explain_wait(
        self, analysis: Analysis, verdict: Verdict, elapsed: timedelta
    ) -> None:
        if (blocker := held_by(self._steering)) is not None:
            await self._tale.hold(blocker)
        elif elapsed >= analysis.duration:
            await self._tale.hold(
                Blocker(
                    gate="analysis",
                    reason=str(verdict),
                    can_be_cleared_by=_ANYONE,
                    clears_at=workflow.now() + analysis.duration + analysis.hold_for - elapsed,
                )
            )
        else:
            await self._tale.tell(progress=Progress.SHIFTING, blocked_by=())

    async def _open_window(self) -> Window:
        self._tale.opened()
        return await call(
            MetricsPort.open_window,
            OpenWindow(
                target=self._promotion.target,
                source=self._promotion.systems.metrics,
                canary=self._promotion.artifact.digest,
                baseline=self._baseline,
            ),
        )

    async def _judge(self, analysis: Analysis, window: Window, look: int) -> Verdict:
        verdict = await call(
            MetricsPort.judge_canary,
            JudgeCanary(
                target=self._promotion.target,
                source=self._promotion.systems.metrics,
                canary=self._promotion.artifact.digest,
                baseline=self._baseline,
                window=window,
                rules=analysis.metrics,
                look=look,
            ),
            trail=self._tale.trail,
        )
        self._tale.judged(verdict)
        self._tale.record_now_and_then()
        return verdict

    async def _pause(self, pause: timedelta | None) -> None:
        if pause is None:
            await self._tale.hold(
                Blocker(
                    gate="pause",
                    reason="the strategy waits for somebody to promote",
                    can_be_cleared_by=_ANYONE,
                )
            )
            await workflow.wait_condition(lambda: self._steering.go_on is not None)
        else:
            await self._rest(pause, f"pause at {self._percent}%", unless=self._told_to_go_on)
        self._steering.take_go_on()

    def _told_to_go_on(self) -> bool:
        return self._steering.go_on is not None

    async def _rest_before(self, look: int, analysis: Analysis, elapsed: timedelta) -> None:
        """Until the next look, which the end of a hold brings forward."""
        held = self._steering.held is not None
        await self._rest(
            until_next_look(
                interval=analysis.interval, duration=analysis.duration, elapsed=elapsed
            ),
            f"look {look} at {self._percent}%",
            unless=lambda: self._told_to_go_on() or (held and self._steering.held is None),
        )

    async def _rest(self, span: timedelta, summary: str, *, unless: Callable[[], bool]) -> None:
        """A durable timer that ends early once *unless* holds."""
        try:
            await workflow.wait_condition(unless, timeout=span, timeout_summary=summary)
        except TimeoutError:
            return


def _action(analysis: Analysis, word: Word) -> str:
    match word:
        case Word.NO_DATA:
            return analysis.no_data
        case Word.PROVIDER_ERROR:
            return analysis.provider_error
        case _:
            return analysis.inconclusive
