"""The words of people who set windows aside, and what they have set aside by now."""

from datetime import timedelta

from temporalio import workflow

from workflows.domain.admission.admission import Admission
from workflows.domain.calendar.override import (
    GivenOverride,
    Override,
    OverrideRefused,
    OverrideView,
    check_override,
    weigh,
)
from workflows.domain.calendar.windows import Granted, OverrideRule
from workflows.domain.durations import write_duration
from workflows.domain.errors import ReleaseError
from workflows.domain.gates.gates import WaiverGuard
from workflows.domain.people.identity import Assurance
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.status import Blocker
from workflows.domain.spec.gates import WINDOW
from workflows.steps.proving import Prover
from workflows.steps.trail import Trail


class Overrides:
    """Counts each person once for each window; what is granted is recorded, and looked back on."""

    def __init__(self, order: ReleaseOrder, *, prover: Prover, trail: Trail) -> None:
        self._requested_by = order.requested_by
        self._prover = prover
        self._trail = trail
        self._said: dict[str, list[GivenOverride]] = {}
        self.granted: tuple[Granted, ...] = ()

    def asked_by(self, person: str) -> None:
        """*person* was proven to ask for the release, whatever name it came with."""
        self._requested_by = person

    async def take(
        self, said: Override, admission: Admission | None, blocked_by: tuple[Blocker, ...]
    ) -> OverrideView:
        """Count the word of whoever it is known to be of; what does not count is recorded too.

        Raises:
            OverrideRefused: it does not count, with the reason.
        """
        try:
            rule, word = await self._known(said, admission, blocked_by)
        except OverrideRefused as refusal:
            self._note(said, outcome="refused", detail=str(refusal))
            raise
        return self._count(word, rule)

    async def _known(
        self, said: Override, admission: Admission | None, blocked_by: tuple[Blocker, ...]
    ) -> tuple[OverrideRule, Override]:
        if admission is None:
            raise OverrideRefused("the release is not admitted yet: nothing bars it")
        rule = _rule_of(said.window, admission, blocked_by)
        guard = _guard_of(admission)
        word = said.asserted()
        if guard.identity is Assurance.PROVEN:
            word = await self._proven(said, admission, guard)
        people = {name: roles for t in admission.timetables for name, roles in t.people.items()}
        check_override(rule, word, people=people, requested_by=self._requested_by, guard=guard)
        return rule or OverrideRule(), word

    async def _proven(self, said: Override, admission: Admission, guard: WaiverGuard) -> Override:
        info = workflow.info()
        statement = said.statement(
            release=info.workflow_id, run=info.run_id, digest=admission.decision_digest
        )
        try:
            proven = await self._prover.prove(statement, said.proof, accounts=guard.accounts)
        except ReleaseError as refusal:
            raise OverrideRefused(f"the policy asks for a proven identity: {refusal}") from refusal
        return said.proven_by(proven)

    def _count(self, said: Override, rule: OverrideRule) -> OverrideView:
        """Keep the word, and say what it makes of the window."""
        now = workflow.now()
        given = [one for one in self._said.get(said.window, []) if one.counts(now)]
        given.append(GivenOverride(word=said, at=now))
        by, granted = weigh(rule, [one.word for one in given], now)
        self._said[said.window] = given if granted is None else []
        if granted is not None:
            self.granted = (*self.granted, granted)
        known = said.assurance if said.proven is None else f"proven as {said.proven.account}"
        lasts = write_duration(timedelta(seconds=round(said.lasts.total_seconds())))
        self._note(
            said,
            outcome="counted" if granted is None else "overridden",
            detail=f"{known} for {lasts}: {said.reason}",
        )
        if granted is not None:
            self._note_retrospective(granted)
        return OverrideView(
            window=said.window,
            stands=granted is not None,
            by=by,
            missing=max(0, rule.approvers - len(by)),
            granted=granted,
        )

    @property
    def to_look_back_on(self) -> tuple[str, ...]:
        """What the end of the release leaves to people."""
        return tuple(
            f"look back on the override of {one.window} by {' and '.join(one.by)} "
            f"until {one.retrospective_by:%Y-%m-%d %H:%MZ}: {one.reason}"
            for one in self.granted
        )

    def _note(self, said: Override, *, outcome: str, detail: str) -> None:
        by = said.by or "somebody"
        self._trail.note(
            "override", f"{by} sets {said.window} aside", outcome=outcome, detail=detail, actor=by
        )

    def _note_retrospective(self, granted: Granted) -> None:
        self._trail.note(
            "retrospective",
            f"look back on the override of {granted.window}",
            outcome="due",
            detail=f"by {granted.retrospective_by:%Y-%m-%d %H:%MZ}; {granted}",
        )


def _rule_of(
    window: str, admission: Admission, blocked_by: tuple[Blocker, ...]
) -> OverrideRule | None:
    """How the window is set aside; None where nobody may.

    Raises:
        OverrideRefused: it bars nothing now.
    """
    barring = sorted({name for blocker in blocked_by for name in _windows(blocker)})
    if window not in barring:
        named = ", ".join(barring) or "none"
        raise OverrideRefused(f"{window} bars nothing now; windows that do: {named}")
    rules = {w.name: w.override for t in admission.timetables for w in t.windows}
    allowing = [rules[name] for name in window.split(" or ") if name in rules]
    # What no document declares is a freeze of the ledger.
    return next((each for each in allowing if each), None) if allowing else OverrideRule()


def _guard_of(admission: Admission) -> WaiverGuard:
    """How people must be known, by the strictest of the stages' policies, and who may not."""
    guards = [stage.waiving for stage in admission.plan.stages]
    strict = next((each for each in guards if each.identity is Assurance.PROVEN), WaiverGuard())
    barred = {name: did for guard in guards for name, did in guard.barred.items()}
    return strict.model_copy(update={"barred": barred})


def _windows(blocker: Blocker) -> tuple[str, ...]:
    return blocker.evidence if blocker.gate.startswith(f"{WINDOW} of ") else ()
