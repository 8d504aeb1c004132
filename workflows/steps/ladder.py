"""Canary steps: route, shift, watch, go on; or raise what ends the promotion."""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from workflows.domain.release.plan import Analysis, LadderStep
from workflows.domain.release.status import Blocker, Progress
from workflows.domain.values import Percent
from workflows.steps.ascent import Ascent
from workflows.steps.beside import beside
from workflows.steps.flags import note_drift, set_flag
from workflows.steps.frozen import InFlightCalendar
from workflows.steps.held import ANYONE, rest, until_told, while_held
from workflows.steps.journeys import synthesize
from workflows.steps.watching import bake, guard, watch
from workflows.steps.weights import allowed, mirror, route_header, shift

T = TypeVar("T")


class Ladder:
    """Climbs from no traffic to all of it, a step at a time, looking down at each."""

    def __init__(self, ascent: Ascent, calendar: InFlightCalendar) -> None:
        self._ascent = ascent
        self._calendar = calendar

    async def climb(self) -> None:
        """Take every step in order.

        Raises:
            WindowClosed: a freeze says to turn back, or the release's deadline is over.
            CanaryUnhealthy: the canary does harm, or could not be passed in the step's time.
            ReleaseError: what a port raised.
        """
        ascent = self._ascent
        for number, step in enumerate(ascent.promotion.steps, start=1):
            if step.watched is None:  # a watch holds by itself, and looks on meanwhile
                await self._guarded(while_held(ascent.steering, ascent.tale))
                await self._guarded(self._calendar.allows(ascent.tale))
            ascent.steering.take_go_on()  # what ended a hold is not about the step after it
            await ascent.tale.tell(step=number, doing=str(step), progress=Progress.SHIFTING)
            await self._take(step)
        await note_drift(ascent)

    async def _take(self, step: LadderStep) -> None:
        if step.header_route is not None:
            await route_header(self._ascent, step.header_route)
        elif step.weight is not None:
            await self._shift(step.weight)
        elif step.analysis is not None:
            await watch(self._ascent, step.analysis)
        elif step.bake is not None:
            await bake(self._ascent, step.bake)
        elif step.flag is not None:
            await set_flag(self._ascent, step.flag)
        elif step.synthetic is not None:
            await synthesize(self._ascent, step.synthetic)
        elif step.mirror is not None:
            await mirror(self._ascent, step.mirror)
        else:
            await self._pause(step.pause)

    async def _guarded(self, waiting: Coroutine[Any, Any, T]) -> T:
        """Wait, and turn back meanwhile if the service's own thresholds say so."""
        return await beside(waiting, guard(self._ascent))

    async def _shift(self, wanted: Percent) -> None:
        """Climb to *wanted*, by as many steps as the harm budget asks for."""
        ascent = self._ascent
        while (percent := allowed(ascent, wanted)) < wanted:
            analysis = self._next_analysis()
            if percent <= ascent.percent or analysis is None:
                await self._ask_beyond_budget(wanted, percent)
                break
            doing = f"{percent}% of {wanted}%: all that the harm budget allows yet"
            await ascent.tale.tell(doing=doing)
            await shift(ascent, percent)
            await watch(ascent, analysis)
        await shift(ascent, wanted)

    async def _ask_beyond_budget(self, wanted: Percent, percent: Percent) -> None:
        """The budget does not grow by waiting: a person decides whether to spend more."""
        await self._wait_for_somebody(
            Blocker(
                gate="harmBudget",
                reason=(
                    f"{wanted}% could cost more than is left of the harm budget before a fault is "
                    f"found; it allows {percent}%"
                ),
                can_be_cleared_by=ANYONE,
            )
        )

    def _next_analysis(self) -> Analysis | None:
        """The analysis that the strategy has for the weight that is being climbed to."""
        steps = self._ascent.promotion.steps
        ahead = steps[self._ascent.tale.view.step :]
        return next((step.analysis for step in (*ahead, *reversed(steps)) if step.analysis), None)

    async def _pause(self, pause: timedelta | None) -> None:
        if pause is None:
            await self._wait_for_somebody(
                Blocker(
                    gate="pause",
                    reason="the strategy waits for somebody to promote",
                    can_be_cleared_by=ANYONE,
                )
            )
            return
        steering = self._ascent.steering
        summary = f"pause at {self._ascent.percent}%"
        await self._guarded(rest(pause, summary, unless=lambda: steering.go_on is not None))
        steering.take_go_on()

    async def _wait_for_somebody(self, blocker: Blocker) -> None:
        ascent = self._ascent
        await ascent.tale.hold(blocker)
        told = await self._guarded(until_told(ascent.steering))
        ascent.tale.trail.note(
            "override",
            f"go on past {blocker.gate}",
            outcome="promoted",
            detail=told.reason,
            actor=told.by,
        )
        await ascent.tale.tell(progress=Progress.SHIFTING, blocked_by=())
