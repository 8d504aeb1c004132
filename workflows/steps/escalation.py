"""A wait that somebody owns: who has it is reminded, and the next is asked, by durable timers.

Run it beside whatever ends the wait; when that ends, the timers end with it:

    escalation = Escalation(
        rule,                              # escalation_rule(policy.escalate_to, catalog.people)
        wait="approval of production",     # as in `blockedBy`
        owner="sre (ana, ben)",            # whom it is put to first
        trail=self._trail,
        told=self._show_gate,              # shows `escalation.view` and starts writing the record
    )
    decision = await beside(gate.decided(), escalation.climb())

`Blocker.owner` is `escalation.view.owner`, `Blocker.escalates_at` is
`escalation.view.escalates_at`.
"""

from collections.abc import Callable

from temporalio import workflow

from workflows.domain.gates.escalation import (
    EscalationRule,
    EscalationView,
    Notice,
    next_escalation,
    notices,
)
from workflows.steps.trail import Trail


class Escalation:
    """Keeps telling people of one wait, until everybody on the ladder was told or it ends."""

    def __init__(
        self,
        rule: EscalationRule,
        *,
        wait: str,
        owner: str,
        trail: Trail,
        told: Callable[[], None],
    ) -> None:
        self._rule = rule
        self._wait = wait
        self._owner = owner
        self._trail = trail
        self._told = told
        self._began_at = workflow.now()
        first = self._after(0)
        self.view = EscalationView(
            owner=owner,
            escalates_at=first.at if first else None,
            escalates_to=first.to if first else None,
        )

    async def climb(self) -> None:
        """Tell each in their turn; returns once nobody is left to tell, the wait goes on."""
        for notice in notices(self._rule, owner=self._owner, began_at=self._began_at):
            if (left := notice.at - workflow.now()).total_seconds() > 0:
                await workflow.sleep(left, summary=f"{self._wait}: {notice}"[:200])
            self._tell(notice)

    def _tell(self, notice: Notice) -> None:
        self.view = self.view.after(notice, self._after(notice.level))
        self._trail.note("escalation", f"{self._wait}: {notice}", outcome=notice.kind, actor=None)
        workflow.logger.info(
            "wait_escalated",
            extra={"wait": self._wait, "to": notice.to, "level": notice.level},
        )
        self._told()

    def _after(self, level: int) -> Notice | None:
        return next_escalation(self._rule, owner=self._owner, began_at=self._began_at, level=level)
