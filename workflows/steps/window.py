"""The gate of time: a stage waits on a durable timer until all of it fits."""

from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.domain.admission.admission import Admission
from workflows.domain.calendar.closures import Closure, covering
from workflows.domain.calendar.ruling import WindowRuling
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import Granted, Move
from workflows.domain.errors import GateClosed, Unavailable
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Blocker
from workflows.domain.spec.gates import WINDOW
from workflows.steps.calendar import rule_window
from workflows.steps.trail import Trail

AGAIN = timedelta(seconds=30)
"""How soon a calendar that could not be asked is asked again."""
FRESH = timedelta(minutes=1)
"""A ruling is believed for so long; an older one is made anew before the stage begins."""


class WindowGate:
    """Holds while the whole interval of the stage fits from now on, by a ruling that is fresh."""

    name = WINDOW
    before_approval = False

    def __init__(
        self, environment: str, *, trail: Trail, overrides: tuple[Granted, ...] = ()
    ) -> None:
        self._environment = environment
        self._trail = trail
        self._timetable: Timetable | None = None
        self._ruling: WindowRuling | None = None
        self._overrides = overrides
        self._stale = bool(overrides)  # what an admission ruled knows nothing of them
        self._trouble = ""

    @property
    def phase(self) -> Phase:
        """Frozen where something bars it; Scheduled where its own time is still to come."""
        frozen = self._ruling is None or bool(self._ruling.closed_by)
        return Phase.FROZEN if frozen else Phase.SCHEDULED

    @property
    def ruling(self) -> WindowRuling | None:
        """The newest ruling, for the status."""
        return self._ruling

    def consider(self, admission: Admission) -> None:
        """Take the stage's timetable; the ruling of an admission counts while it is fresh."""
        timetables = (t for t in admission.timetables if t.environment == self._environment)
        self._timetable = next(timetables, None)
        if self._ruling is None and admission.slot is not None:
            first = admission.slot.environments[:1]
            self._ruling = next((r for r in first if r.environment == self._environment), None)
        if self._ruling is not None and workflow.now() - self._ruling.at > FRESH:
            self._stale = True

    def changed(self, overrides: tuple[Granted, ...]) -> None:
        """Somebody declared or lifted something, or set it aside: ask anew."""
        self._overrides = overrides
        self._stale = True

    @property
    def bars_approval(self) -> Closure | None:
        """What keeps people from approving now, by the newest ruling."""
        barred = covering(self._ruling.approvals_barred, workflow.now()) if self._ruling else ()
        return next(iter(barred), None)

    def cleared(self) -> bool:
        if self._timetable is None:
            return True  # no calendar was read for this release
        ruling = self._ruling
        if ruling is None or self._stale or self._trouble or not ruling.open:
            return False
        return ruling.open_until is None or workflow.now() <= ruling.open_until

    @property
    def blocker(self) -> Blocker:
        where = f"{WINDOW} of {self._environment}"
        if self._trouble:
            reason = (
                f"the calendar cannot be asked, so nothing is known to be open: {self._trouble}"
            )
            return Blocker(gate=where, reason=reason, clears_at=None)
        if (ruling := self._ruling) is None or ruling.open:
            return Blocker(gate=where, reason="the calendar is being asked")
        return Blocker(
            gate=where,
            reason="; ".join((ruling.reason, *ruling.warnings)),
            can_be_cleared_by=tuple(
                dict.fromkeys(who for c in ruling.closed_by for who in c.can_be_cleared_by)
            ),
            clears_at=ruling.next_open,
            evidence=tuple(closure.window for closure in ruling.closed_by),
        )

    async def run(self) -> None:
        """Ask, rest until the slot, and ask again; earlier where something has changed.

        Raises:
            GateClosed: it cannot be over by the release's deadline any more.
        """
        if self._timetable is None:
            return
        if not self.cleared():
            await self._rule(self._timetable)
        while True:
            await self._rest()
            await self._rule(self._timetable)

    async def _rule(self, timetable: Timetable) -> None:
        self._stale = False
        before = self._ruling
        try:
            self._ruling = await rule_window(Move.START, timetable, self._overrides)
        except Unavailable as error:
            self._trouble = str(error)
            return
        self._trouble = ""
        ruling = self._ruling
        if before is None or (before.open, before.next_open) != (ruling.open, ruling.next_open):
            self._note(ruling)
        if ruling.too_late:
            raise GateClosed(f"{WINDOW} of {self._environment}: {ruling.reason}")

    def _note(self, ruling: WindowRuling) -> None:
        digests = f"facts {ruling.facts_digest} rules {ruling.rules_digest} zones {ruling.zones}"
        self._trail.note(
            "window",
            f"{WINDOW} of {self._environment}: {ruling.reason}",
            outcome="open" if ruling.open else "closed",
            detail=digests,
        )

    async def _rest(self) -> None:
        """Until the next slot, or until somebody tells of a change."""
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._stale,
                timeout=max(self._due_at - workflow.now(), timedelta(0)),
                timeout_summary=f"until the window of {self._environment} opens",
            )

    @property
    def _due_at(self) -> datetime:
        now = workflow.now()
        if self._trouble or self._ruling is None:
            return now + AGAIN
        if self._ruling.open and self._ruling.open_until is not None:
            return min(self._ruling.ask_again_at, self._ruling.open_until + _MOMENT)
        return self._ruling.ask_again_at


_MOMENT = timedelta(milliseconds=1)
