"""The gate that people open: their votes count for one decision digest, and for no other."""

from collections.abc import Callable
from contextlib import suppress

from temporalio import workflow

from workflows.domain.admission.admission import Admission
from workflows.domain.admission.differences import differences
from workflows.domain.errors import GateClosed
from workflows.domain.gates.vote import Decision, may_vote
from workflows.domain.people.identity import Assurance
from workflows.domain.release.phase import Phase
from workflows.domain.release.plan import GateRule
from workflows.domain.release.status import APPROVAL_OF, Blocker
from workflows.domain.spec.gates import APPROVAL
from workflows.steps.ballot import Ballot
from workflows.steps.trail import Trail


class ApprovalGate:
    """Opens a ballot over what is decided on; any other ruling voids it, and opens another."""

    name = APPROVAL
    phase = Phase.AWAITING_APPROVAL
    before_approval = False

    def __init__(
        self, environment: str, *, requested_by: str, trail: Trail, may_open: Callable[[], str]
    ) -> None:
        """*may_open* says what comes before it, and nothing once it may open."""
        self.changed: tuple[str, ...] = ()
        self.ended: Decision | None = None
        """How it ended the release, if it did."""
        self._environment = environment
        self._requested_by = requested_by
        self._trail = trail
        self._may_open = may_open
        self._admission: Admission | None = None
        self._ballot: Ballot | None = None

    @property
    def asks(self) -> bool:
        """Whether anybody has to approve at all."""
        return self._ballot is not None

    @property
    def ballot(self) -> Ballot | None:
        """Where votes count now; None while the gate is not open yet."""
        return self._ballot if not self._may_open() else None

    def consider(self, admission: Admission) -> None:
        """Keep the ballot if it is about the very same; else void it and say what has changed."""
        before, self._admission = self._admission, admission
        rule = _rule_of(admission, self._environment)
        ballot = self._ballot
        same = ballot is not None and ballot.digest == admission.decision_digest
        if same and ballot is not None and ballot.rule == rule:
            return
        if before is not None and ballot is not None and ballot.votes:
            self._void(ballot, before, admission)
        self._ballot = None
        if rule is not None:
            self._ballot = Ballot(
                rule, digest=admission.decision_digest, requested_by=self._requested_by
            )

    def cleared(self) -> bool:
        if self._ballot is None:
            return self._admission is not None
        return not self._may_open() and self._ballot.decision is Decision.APPROVED

    @property
    def blocker(self) -> Blocker:
        where = f"{APPROVAL_OF}{self._environment}"
        if first := self._may_open():
            return Blocker(gate=where, reason=f"opens after {first}")
        if self._ballot is None:
            return Blocker(gate=where, reason="nothing has ruled on it yet")
        rule = self._ballot.rule
        reason = f"still needs {', '.join(self._ballot.missing) or 'nobody'}"
        if rule.identity is Assurance.ASSERTED:
            reason += ", whose names are asserted, not proven"
        if self.changed:
            reason += f"; earlier votes are void, because this changed: {'; '.join(self.changed)}"
        return Blocker(
            gate=where,
            reason=reason,
            can_be_cleared_by=tuple(
                f"{name} ({', '.join(rule.people[name])})" for name in self._voters(rule)
            ),
            clears_at=self._ballot.opened_at + rule.open_for,
            evidence=(*rule.rows, self._ballot.digest),
        )

    async def run(self) -> None:
        """End the release if somebody rejects it, or nobody decides in time.

        Raises:
            GateClosed: either of them.
        """
        while True:
            await workflow.wait_condition(lambda: self.ballot is not None)
            if (ballot := self._ballot) is not None:
                ballot.opened_at = workflow.now()
                await self._decide(ballot)

    async def _decide(self, ballot: Ballot) -> None:
        """Follow *ballot* until another one takes its place."""

        def settled() -> bool:
            return self._ballot is not ballot or ballot.decision is not None

        def reopened() -> bool:
            return self._ballot is not ballot or ballot.decision is not Decision.APPROVED

        while self._ballot is ballot:
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    settled,
                    timeout=ballot.opened_at + ballot.rule.open_for - workflow.now(),
                    timeout_summary=f"wait for the approval of {self._environment}",
                )
            if self._ballot is ballot:
                self._end_unless_approved(ballot)
                await workflow.wait_condition(reopened)

    def _end_unless_approved(self, ballot: Ballot) -> None:
        decision = ballot.decision or Decision.EXPIRED
        where = f"gate of {self._environment}"
        self._trail.note("gate", where, outcome=decision, detail=ballot.digest)
        if decision is not Decision.APPROVED:
            self.ended = decision
            raise GateClosed(f"{where}: {decision}")

    def _void(self, ballot: Ballot, before: Admission, admission: Admission) -> None:
        self.changed = differences(before, admission)
        who = ", ".join(vote.voter for vote in ballot.votes)
        self._trail.note(
            "approvals_voided",
            f"votes on {self._environment}: {who or 'none yet'}",
            outcome="void",
            detail=f"{ballot.digest} is now {admission.decision_digest}: "
            f"{'; '.join(self.changed)}",
        )

    def _voters(self, rule: GateRule) -> list[str]:
        return sorted(may_vote(rule, self._requested_by))


def _rule_of(admission: Admission, environment: str) -> GateRule | None:
    stages = (s for s in admission.plan.stages if s.environment == environment)
    return next((stage.gate for stage in stages), None)
