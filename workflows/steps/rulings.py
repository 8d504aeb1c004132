"""The newest ruling on a release, and when it is made anew."""

from datetime import datetime, timedelta

from temporalio import workflow

from workflows.domain.admission.admission import Admission
from workflows.domain.admission.facts import Facts
from workflows.domain.errors import Unavailable
from workflows.domain.people.identity import Proven
from workflows.domain.release.order import ReleaseOrder
from workflows.steps.admitting import admitted, admitted_still
from workflows.steps.facts import gather
from workflows.steps.trail import Trail

AGAIN = timedelta(seconds=30)
"""How soon rulings that could not be had are asked for again."""
UNCHANGED_FOR = timedelta(minutes=10)
"""How long a ruling stands if the facts have not changed: some age by themselves."""
_SLOWER = 50
"""Looks come ever less often, each after 1/50 of the wait so far: the order travels with each."""


class Rulings:
    """Has the release ruled on, from facts that are read anew each time."""

    def __init__(self, order: ReleaseOrder, trail: Trail) -> None:
        self._order = order
        self._trail = trail
        self._trigger: Proven | None = None
        self._facts: Facts | None = None
        self._admission: Admission | None = None
        self._asked_at: datetime | None = None
        self._arrived = 0
        self._seen = 0
        self.trouble = ""
        """Why the last attempt led to nothing; empty where it did not."""

    @property
    def newest(self) -> Admission | None:
        return self._admission

    @property
    def known(self) -> Admission:
        """The newest ruling of a release that was admitted."""
        if self._admission is None:
            raise RuntimeError("a release is admitted before it is asked what was ruled")
        return self._admission

    def arrived(self) -> None:
        """Something came that a ruling goes by: evidence, a review, a calendar."""
        self._arrived += 1

    @property
    def news(self) -> bool:
        """Whether something came since the newest ruling was asked for."""
        return self._arrived > self._seen

    @property
    def age(self) -> timedelta:
        """How long ago the newest ruling was asked for."""
        return workflow.now() - self._asked_at if self._asked_at is not None else timedelta.max

    def asked_by(self, trigger: Proven) -> None:
        """From now on rule as on an order of *trigger*."""
        self._trigger = trigger
        self._order = self._order.asked_by(trigger)

    async def first(self) -> Admission:
        """The ruling that admits the release.

        Raises:
            PolicyViolated: it is not admitted.
            ReleaseError: what it goes by could not be read.
        """
        self._seen = self._arrived
        self._facts = await gather(self._order, self._trigger)
        self._admission = await admitted(self._order, self._facts, trail=self._trail)
        self._asked_at = workflow.now()
        return self._admission

    async def again(self, *, surely: bool = False) -> bool:
        """Rule anew; whether that led to a ruling that can be gone by.

        Facts that have not changed lead to the same ruling, for a while: unless it must be had
        *surely*, nobody is asked.

        Raises:
            PolicyViolated: the release would not be admitted any more.
        """
        self._seen = self._arrived
        now = workflow.now()
        try:
            facts = await gather(self._order, self._trigger)
            if surely or self._changed(facts):
                self._admission = await admitted_still(
                    self._order, facts, before=self._admission, trail=self._trail
                )
                self._facts = facts
        except Unavailable as error:
            if not self.trouble:
                self._trail.note("rule", "rule anew", outcome=error.kind, detail=str(error))
            self.trouble, self._asked_at = str(error), now
            return False
        self.trouble, self._asked_at = "", now
        return True

    def due_at(self, every: timedelta | None, *, since: datetime) -> datetime | None:
        """When to rule anew for a gate that wants it *every* so often, and waits *since* then."""
        asked_at = self._asked_at or since
        if self.trouble:
            return asked_at + AGAIN
        if every is None:
            return None
        return asked_at + max(every, (asked_at - since) / _SLOWER)

    def _changed(self, facts: Facts) -> bool:
        if self._facts is None or facts.at - self._facts.at >= UNCHANGED_FOR:
            return True
        return facts.model_copy(update={"at": self._facts.at}) != self._facts
