"""Waiting for one gate on the terms of its policy: time, stability, waivers, escalation."""

from datetime import datetime, timedelta

from temporalio import workflow

from workflows.domain.errors import GateClosed
from workflows.domain.gates.escalation import Notice, next_escalation, notices
from workflows.domain.gates.gates import GateTerms, WaiverGuard
from workflows.domain.gates.waits import GateOutcome
from workflows.domain.gates.waiver import (
    GivenWaiver,
    Waiver,
    WaiverView,
    check_waiver,
    counting,
    stands_until,
)
from workflows.domain.release.status import Blocker, GateState, GateWord
from workflows.steps.gates import Gate
from workflows.steps.trail import Trail


class Wait:
    """One gate of a stage: since when it holds or not, who has it, and who lets it pass."""

    def __init__(self, gate: Gate, terms: GateTerms, *, environment: str, trail: Trail) -> None:
        self.gate = gate
        self.terms = terms
        self.opened_at = workflow.now()
        self._environment = environment
        self._trail = trail
        self._given: list[GivenWaiver] = []
        self._told: list[Notice] = []
        self._closed_since = self.opened_at
        self._kept = timedelta(0)
        self._expired = False
        self._held_since: datetime | None = None
        self._state = self._stated(GateWord.CLOSED, self.opened_at)

    @property
    def name(self) -> str:
        """The gate and its stage, as `blockedBy` and the record have it."""
        return f"{self.gate.name} of {self._environment}"

    @property
    def state(self) -> GateState:
        """What the gate said when it was last looked at."""
        return self._state

    @property
    def holds(self) -> bool:
        """Whether the stage need not wait for it, as of the last look."""
        return self._state.word in {GateWord.OPEN, GateWord.WAIVED, GateWord.ADVISED}

    def look(self) -> None:
        """See where the gate stands now, and do what is due: tell people, note, give up.

        Raises:
            GateClosed: it stayed closed for longer than its policy allows.
        """
        now = workflow.now()
        held = self.holds
        if not self.gate.cleared():
            self._held_since = None
        elif self._held_since is None:
            self._held_since = now
        self._restate(self._word(now), now)
        if held and not self.holds:
            self._closed_since, self._told = now, []
        elif self.holds and not held:
            self._kept += now - self._closed_since
        if self.holds:
            return
        if (ends := self._ends_at) is not None and now >= ends:
            self._expired = True
            self._trail.note("gate", self.name, outcome="expired", detail=self._lacking)
            raise GateClosed(f"{self.name}: expired: {self._lacking}")
        self._escalate(now)

    @property
    def due_at(self) -> datetime | None:
        """When something will be due that no message announces; None where nothing will."""
        now = workflow.now()
        moments = [self._ends_at, self._settles_at, self._next_notice_at]
        moments += [one.expires_at for one in self._given]
        ahead = [moment for moment in moments if moment is not None and moment > now]
        return min(ahead, default=None)

    @property
    def blocker(self) -> Blocker:
        """Why the stage waits, who has the wait, and whom it goes to next."""
        blocker = self.gate.blocker if not self.gate.cleared() else self._settling()
        coming = self._coming
        reason = blocker.reason
        if by := self._waivers(workflow.now()):
            needed = self.terms.waiver.approvers if self.terms.waiver else 0
            reason = f"{reason}; {len(by)} of {needed} have waived it: {', '.join(by)}"
        return blocker.model_copy(
            update={
                "reason": reason,
                "clears_at": blocker.clears_at or self._ends_at,
                "owner": self._owner(blocker),
                "escalates_at": coming.at if coming else blocker.escalates_at,
                "escalates_to": coming.to if coming else blocker.escalates_to,
            }
        )

    def waive(
        self, waiver: Waiver, *, guard: WaiverGuard, digest: str, requested_by: str
    ) -> WaiverView:
        """Count *waiver*, and say what it makes of the gate.

        Raises:
            WaiverRefused: it does not count, with the reason.
        """
        check_waiver(
            self.terms.waiver, waiver, guard=guard, digest=digest, requested_by=requested_by
        )
        now = workflow.now()
        self._given.append(GivenWaiver(waiver=waiver, at=now, lacking=self._waivable))
        rule = self.terms.waiver
        by, until = self._waivers(now), self._waived_until(now)
        return WaiverView(
            gate=self.gate.name,
            environment=self._environment,
            stands=until is not None,
            by=by,
            missing=max(0, (rule.approvers if rule else 0) - len(by)),
            expires_at=until,
        )

    @property
    def pulse(self) -> tuple[object, ...]:
        """Changes whenever the gate wants to be looked at before it is due."""
        cleared = self.gate.cleared()
        return (cleared, None if cleared else self.gate.blocker, len(self._given))

    @property
    def outcome(self) -> GateOutcome:
        """How the wait has ended, once its stage waits no more."""
        said = {
            GateWord.OPEN: GateOutcome.OPENED,
            GateWord.WAIVED: GateOutcome.WAIVED,
            GateWord.ADVISED: GateOutcome.ADVISED,
        }
        otherwise = GateOutcome.EXPIRED if self._expired else GateOutcome.ABANDONED
        return said.get(self._state.word, otherwise)

    @property
    def kept_for(self) -> timedelta:
        """How long it kept its stage waiting so far."""
        since = timedelta(0) if self.holds else workflow.now() - self._closed_since
        return self._kept + since

    @property
    def _lacking(self) -> str:
        return "" if self.gate.cleared() else self.gate.blocker.reason

    @property
    def _waivable(self) -> str:
        """What a waiver is given for: what is lacking, and by which evidence that is known."""
        if self.gate.cleared():
            return ""
        return " ".join((self._lacking, *self.gate.blocker.evidence))

    def _restate(self, word: GateWord, now: datetime) -> None:
        """Keep what the gate says; that it opens or closes is recorded."""
        before = self._state
        since = now if word is not before.word else before.since
        self._state = self._stated(word, since)
        if word is not before.word and GateWord.SETTLING not in {word, before.word}:
            detail = self._lacking or self.terms.gate
            self._trail.note("gate", self.name, outcome=word, detail=detail)

    def _word(self, now: datetime) -> GateWord:
        if self.gate.cleared() and now >= (self._settles_at or now):
            return GateWord.OPEN
        if self._waived_until(now) is not None:
            return GateWord.WAIVED
        if self.terms.advisory:
            return GateWord.ADVISED
        return GateWord.SETTLING if self.gate.cleared() else GateWord.CLOSED

    def _stated(self, word: GateWord, since: datetime) -> GateState:
        waived = word is GateWord.WAIVED
        return GateState(
            environment=self._environment,
            gate=self.gate.name,
            word=word,
            since=since,
            reason=self._lacking,
            waived_by=self._waivers(workflow.now()) if waived else (),
            waived_until=self._waived_until(workflow.now()) if waived else None,
        )

    def _settling(self) -> Blocker:
        return Blocker(
            gate=self.name,
            reason="it holds, and has to go on holding for a while",
            clears_at=self._settles_at,
        )

    def _waivers(self, now: datetime) -> tuple[str, ...]:
        counted = counting(self._given, lacking=self._waivable, now=now)
        return tuple(one.waiver.by for one in counted)

    def _waived_until(self, now: datetime) -> datetime | None:
        if self.gate.cleared():
            return None
        return stands_until(self._given, self.terms.waiver, lacking=self._waivable, now=now)

    @property
    def _settles_at(self) -> datetime | None:
        if self._held_since is None or self.terms.stable_for <= timedelta(0):
            return None
        return self._held_since + self.terms.stable_for

    @property
    def _ends_at(self) -> datetime | None:
        if self.terms.timeout is None or self.terms.advisory:
            return None
        return self._closed_since + self.terms.timeout

    def _owner(self, blocker: Blocker) -> str:
        """Whoever was told last; before that, whom the policy names, or who can clear it."""
        escalated = [notice.to for notice in self._told]
        first = self.terms.owner or blocker.owner or ", ".join(blocker.can_be_cleared_by)
        return escalated[-1] if escalated else first

    @property
    def _notices(self) -> tuple[Notice, ...]:
        owner = self.terms.owner or "whoever can clear it"
        rule = self.terms.escalation
        return tuple(notices(rule, owner=owner, began_at=self._closed_since))

    @property
    def _next_notice_at(self) -> datetime | None:
        if self.holds:
            return None
        told = len(self._told)
        return next((notice.at for notice in self._notices[told:]), None)

    @property
    def _coming(self) -> Notice | None:
        level = self._told[-1].level if self._told else 0
        owner = self.terms.owner or "whoever can clear it"
        rule = self.terms.escalation
        return next_escalation(rule, owner=owner, began_at=self._closed_since, level=level)

    def _escalate(self, now: datetime) -> None:
        for notice in self._notices[len(self._told) :]:
            if notice.at > now:
                return
            self._told.append(notice)
            self._trail.note(
                "escalation",
                f"{self.name}: {notice}",
                outcome=notice.kind,
                detail=self._lacking,
            )
