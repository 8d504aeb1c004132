"""The gate of a name: one that is created for a release waits until no other one bears it."""

from datetime import datetime, timedelta

from temporalio import workflow

from workflows.domain.admission.admission import Admission
from workflows.domain.environments.binding import is_made_for, occupied
from workflows.domain.environments.order import EnvironmentPlan
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import Unavailable
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Blocker
from workflows.domain.spec.gates import VACANCY
from workflows.steps.held import rest
from workflows.steps.living import living

AGAIN = timedelta(seconds=5)
"""How soon it is asked again whether the name is free; each time twice as long …"""
SELDOM = timedelta(minutes=10)
"""… up to this: an environment lives for hours or days."""
FRESH = timedelta(minutes=1)
"""An answer is believed for so long; an older one is asked for anew before the stage begins."""
_LONG = timedelta(days=30)


class VacancyGate:
    """Holds while no environment of the name lives, or the one of this very release does."""

    name = VACANCY
    phase = Phase.AWAITING_EVIDENCE
    before_approval = False

    def __init__(self, environment: str, plan: EnvironmentPlan, *, release: str) -> None:
        self._environment = environment
        self._plan = plan.digest
        self._release = release
        self._asked_at: datetime | None = None
        self._stale = True
        self._free = False
        self._occupant: EnvironmentView | None = None
        self._trouble = ""

    def consider(self, admission: Admission) -> None:
        """Rulings say nothing of it; but what is to be gone by must have been asked lately."""
        if self._asked_at is not None and workflow.now() - self._asked_at > FRESH:
            self._stale = True

    def cleared(self) -> bool:
        return self._free and not self._stale

    @property
    def blocker(self) -> Blocker:
        where = f"{VACANCY} of {self._environment}"
        if self._trouble:
            reason = f"it is not known whether the name is free: {self._trouble}"
            return Blocker(gate=where, reason=reason)
        if self._asked_at is None or self._free:
            return Blocker(gate=where, reason="it is being asked whether the name is free")
        return occupied(self._environment, self._occupant, gate=VACANCY)

    async def run(self) -> None:
        """Ask who bears the name, again and ever less often until nobody does."""
        pause = AGAIN
        while True:
            await self._ask()
            waits = _LONG if self._free else pause
            pause = AGAIN if self._free else min(2 * pause, SELDOM)
            await rest(waits, f"{VACANCY} of {self._environment}", unless=lambda: self._stale)

    async def _ask(self) -> None:
        self._stale = False
        try:
            found = await living((self._environment,))
        except Unavailable as error:
            self._trouble, self._free = str(error), False
        else:
            self._trouble = ""
            self._occupant = found.get(self._environment)
            self._free = self._environment not in found or self._is_ours
        self._asked_at = workflow.now()

    @property
    def _is_ours(self) -> bool:
        """Whether an earlier run of this release has made it: it is gone on with."""
        view = self._occupant
        return view is not None and is_made_for(view, self._release, plan=self._plan)
