"""What a promotion under way does about a freeze: it goes on, stays where it is, or turns back.

Only forward moves ask here. A rollback, a reconciliation and an abort are stories and signals of
their own, none of which knows a calendar: there is no way in which one could be held up.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.domain.calendar.ruling import WindowRuling
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import Granted, InFlight, Move
from workflows.domain.errors import Unavailable, WindowClosed
from workflows.domain.release.status import Blocker, Progress
from workflows.domain.spec.gates import WINDOW
from workflows.ports.releases import ReadOverrides, ReleasesPort
from workflows.steps.calendar import rule_window
from workflows.steps.call import call
from workflows.steps.tale import PromotionTale
from workflows.steps.window import AGAIN


class InFlightCalendar:
    """The calendar of one promotion, asked before each step and whenever it has changed."""

    def __init__(self, timetable: Timetable | None, overrides: tuple[Granted, ...]) -> None:
        self._timetable = timetable
        self._overrides = overrides
        self._told_of_overrides = False
        self._changes = 0
        self._known: WindowRuling | None = None

    def changed(self, *, set_aside: bool) -> None:
        """Somebody declared or lifted something, or *set_aside* something.

        What is set aside is for the release to say, which counts the words of people: this comes
        by a signal, and anybody may send one.
        """
        self._told_of_overrides = self._told_of_overrides or set_aside
        self._changes += 1

    async def allows(self, tale: PromotionTale) -> None:
        """Return once the next step may be taken.

        What says `complete` holds nothing up, what says `hold` is waited for.

        Raises:
            WindowClosed: what bars it says to turn back, or the deadline is over.
        """
        if self._timetable is None:
            return
        held = False
        while True:
            seen, now = self._changes, workflow.now()
            ruling = await self._ruling(self._timetable)
            if ruling is not None and self._goes_on(ruling, tale):
                break
            held = True
            await tale.hold(_blocker(ruling, self._timetable, now))
            await self._rest(ruling, seen)
        if held:
            tale.trail.note("window", "go on", outcome="open", detail=str(ruling))
            await tale.tell(progress=Progress.SHIFTING, blocked_by=())

    async def kept(self, tale: PromotionTale) -> None:
        """Beside the steps: turn back as soon as something that says so comes on.

        Raises:
            WindowClosed: it did.
        """
        if (timetable := self._timetable) is None:
            return
        seen = self._changes
        while True:
            await self._rest(self._known, seen)
            seen = self._changes
            ruling = await self._ruling(timetable)
            if ruling is not None and not ruling.open:
                self._turn_back_if_told(ruling, tale)

    async def _ruling(self, timetable: Timetable) -> WindowRuling | None:
        """None where the calendar cannot be asked: what is unknown is not open."""
        self._known = None
        with suppress(Unavailable):
            if self._told_of_overrides:
                await self._read_overrides()
            self._known = await rule_window(Move.ADVANCE, timetable, self._overrides)
        return self._known

    async def _read_overrides(self) -> None:
        """What the release says of them; a promotion that nobody's release began has none.

        Raises:
            Unavailable: it does not answer.
        """
        self._told_of_overrides = False
        if (release := workflow.info().parent) is None:
            return
        ask = ReadOverrides(release=release.workflow_id, run=release.run_id)
        try:
            read = await call(ReleasesPort.read_overrides, ask)
        except Unavailable:
            self._told_of_overrides = True
            raise
        self._overrides = read.granted
        self._changes += 1  # whoever has ruled meanwhile went by what was known before

    def _goes_on(self, ruling: WindowRuling, tale: PromotionTale) -> bool:
        if ruling.open:
            return True
        self._turn_back_if_told(ruling, tale)
        if ruling.in_flight is InFlight.COMPLETE:
            tale.trail.note("window", "go on in flight", outcome="complete", detail=str(ruling))
            return True
        return False

    def _turn_back_if_told(self, ruling: WindowRuling, tale: PromotionTale) -> None:
        if ruling.too_late or ruling.in_flight is InFlight.UNWIND:
            tale.trail.note("window", "turn back", outcome="unwind", detail=str(ruling))
            raise WindowClosed(f"{WINDOW} of {ruling.environment}: {ruling.reason}")

    async def _rest(self, ruling: WindowRuling | None, seen: int) -> None:
        """Until something changes: by itself, or because somebody says so."""
        due_at = self._due_at(ruling)
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._changes != seen,
                timeout=max(due_at - workflow.now(), timedelta(0)),
                timeout_summary="until the calendar may have changed",
            )

    def _due_at(self, ruling: WindowRuling | None) -> datetime:
        if ruling is None:
            return workflow.now() + AGAIN
        deadline = self._timetable.interval.deadline if self._timetable else None
        moments = [ruling.ask_again_at, ruling.next_close, deadline]
        ahead = [moment for moment in moments if moment is not None and moment > workflow.now()]
        return min(ahead, default=workflow.now() + AGAIN)


def _blocker(ruling: WindowRuling | None, timetable: Timetable, now: datetime) -> Blocker:
    where = f"{WINDOW} of {timetable.environment}"
    if ruling is None:
        reason = "the calendar cannot be asked, so nothing is known to be open"
        return Blocker(gate=where, reason=reason, clears_at=now + AGAIN)
    return Blocker(
        gate=where,
        reason=f"in flight, it stays at its weight: {ruling.reason}",
        can_be_cleared_by=tuple(
            dict.fromkeys(who for c in ruling.closed_by for who in c.can_be_cleared_by)
        ),
        clears_at=ruling.next_open,
        evidence=tuple(closure.window for closure in ruling.closed_by),
    )
