"""Clearing a stage: every gate at once, until all of them hold under one ruling."""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.domain.admission.admission import Admission
from workflows.domain.gates.gates import GateRuling, GateTerms, terms_of
from workflows.domain.gates.waits import GateOutcome, GateWait
from workflows.domain.gates.waiver import Waiver, WaiverRefused, WaiverView
from workflows.domain.release.phase import Phase
from workflows.domain.release.plan import Stage
from workflows.domain.release.status import Blocker, GateState
from workflows.domain.spec.gates import APPROVAL, READINESS, WINDOW
from workflows.steps.approval import ApprovalGate
from workflows.steps.beside import beside
from workflows.steps.gates import Gate, RuledGate
from workflows.steps.held import rest
from workflows.steps.rulings import AGAIN, Rulings
from workflows.steps.trail import Trail
from workflows.steps.wait import Wait

_FRESH = timedelta(minutes=1)
"""A ruling that nobody has waited on since is as good as a new one for so long."""
_LONGEST_REST = timedelta(days=30)
_OWN_TIME = frozenset({APPROVAL, READINESS, WINDOW})
"""Gates that know by themselves how long they wait; silence of a review holds, and denies not."""


class Clearance:
    """The gates of one stage, run in parallel: the longest wait counts, not the sum of them."""

    def __init__(
        self,
        stage: Stage,
        rulings: Rulings,
        *,
        requested_by: str,
        trail: Trail,
        gates: tuple[Gate, ...] = (),
    ) -> None:
        """*gates* are waited for beside approval and the gates that go by the ruling."""
        self.environment = stage.environment
        self.began_at = workflow.now()
        self._rulings = rulings
        self._requested_by = requested_by
        self._trail = trail
        self.approval = ApprovalGate(
            stage.environment, requested_by=requested_by, trail=trail, may_open=self._comes_first
        )
        self._waits: list[Wait] = []
        self._waited = False
        ruled = (RuledGate(r) for r in self._ruled_in(rulings.known))
        for gate in (self.approval, *gates, *ruled):
            gate.consider(rulings.known)
            self._waits.append(self._wait(gate, stage))

    async def passed(self, show: Callable[[], None]) -> Stage:
        """Wait until every gate holds under one ruling; the stage as that ruling has it.

        *show* is called whenever something that people should see has changed.

        Raises:
            GateClosed: a gate was rejected, or stayed closed for too long.
            PolicyViolated: by what is known now, the release would not be admitted any more.
        """
        await beside(self._until_cleared(show), *(wait.gate.run() for wait in self._waits))
        return self.stage

    def waive(self, waiver: Waiver) -> WaiverView:
        """Count *waiver* at the gate that it names.

        Raises:
            WaiverRefused: it does not count, with the reason.
        """
        if waiver.environment not in {None, self.environment}:
            raise WaiverRefused(
                f"the waiver is about {waiver.environment}, the release waits before "
                f"{self.environment}"
            )
        wait = next((each for each in self._waits if each.gate.name == waiver.gate), None)
        if wait is None:
            names = ", ".join(each.gate.name for each in self._waits)
            raise WaiverRefused(f"there is no gate {waiver.gate!r} here; there are: {names}")
        if wait.gate.cleared():
            raise WaiverRefused(f"gate {waiver.gate} holds: there is nothing to waive")
        digest = self._rulings.known.decision_digest
        return wait.waive(
            waiver, guard=self.stage.waiving, digest=digest, requested_by=self._requested_by
        )

    @property
    def stage(self) -> Stage:
        """The stage as the newest ruling has it."""
        stages = self._rulings.known.plan.stages
        return next(stage for stage in stages if stage.environment == self.environment)

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        """Why the stage waits, gate by gate."""
        trouble = self._rulings.trouble
        unruled = Blocker(
            gate=f"ruling on {self.environment}",
            reason=f"it could not be ruled anew: {trouble}; it is tried again",
            clears_at=self._rulings.due_at(AGAIN, since=self.began_at),
        )
        closed = tuple(wait.blocker for wait in self._waits if not wait.holds)
        return (unruled, *closed) if trouble else closed

    @property
    def states(self) -> tuple[GateState, ...]:
        """What every gate says, those that hold included."""
        return tuple(wait.state for wait in self._waits)

    @property
    def phase(self) -> Phase:
        """That of the first gate that is waited for."""
        closed = (wait.gate.phase for wait in self._waits if not wait.holds)
        return next(closed, Phase.AWAITING_EVIDENCE)

    def waits(self, *, release: str) -> tuple[GateWait, ...]:
        """What it came to, gate by gate, once the stage waits no more."""
        source, now = workflow.info().run_id, workflow.now()
        builds = {p.target.service: p.artifact.digest for p in self.stage.promotions}
        return tuple(
            GateWait(
                key=f"{source}#{wait.name}",
                release=release,
                environment=self.environment,
                gate=wait.gate.name,
                builds=builds,
                opened_at=wait.opened_at,
                closed_at=now,
                seconds=wait.kept_for.total_seconds(),
                outcome=self._outcome(wait),
                reason=wait.state.reason[:500],
            )
            for wait in self._waits
            if wait.gate is not self.approval or self.approval.asks
        )

    def _outcome(self, wait: Wait) -> GateOutcome:
        if wait.gate is self.approval and (ended := self.approval.ended) is not None:
            return GateOutcome(ended)
        return wait.outcome

    async def _until_cleared(self, show: Callable[[], None]) -> None:
        if self._rulings.age > _FRESH:  # nobody shall decide on what was true a stage ago
            await self._rule_anew(surely=True)
        while True:
            self._look()
            show()
            if self._all_hold and (self._fresh or await self._confirmed()):
                show()
                return
            self._waited = True
            show()
            await self._news()
            if self._rulings.news or self._is_due:
                await self._rule_anew(surely=self._rulings.news)

    async def _news(self) -> None:
        """Rest until a gate, a message or a clock says that it is time to look again."""
        seen = self._pulse
        left = (self._due_at or workflow.now() + _LONGEST_REST) - workflow.now()
        await rest(
            max(left, timedelta(0)),
            f"gates of {self.environment}",
            unless=lambda: self._pulse != seen,
        )

    async def _confirmed(self) -> bool:
        """Whether all still holds by what is known right before the stage is promoted."""
        return await self._rule_anew(surely=True) and self._all_hold

    async def _rule_anew(self, *, surely: bool = False) -> bool:
        known = await self._rulings.again(surely=surely)
        self._consider(self._rulings.known)
        self._look()
        return known

    def _consider(self, admission: Admission) -> None:
        for wait in self._waits:
            wait.gate.consider(admission)

    def _look(self) -> None:
        for wait in self._waits:
            wait.look()

    @property
    def _all_hold(self) -> bool:
        return all(wait.holds for wait in self._waits)

    @property
    def _fresh(self) -> bool:
        """Whether the ruling is as good as new: it was just made, and nothing was waited for."""
        known = not self._rulings.trouble and not self._rulings.news
        return known and not self._waited and self._rulings.age <= _FRESH

    @property
    def _pulse(self) -> tuple[object, ...]:
        return (self._rulings.news, *(wait.pulse for wait in self._waits))

    @property
    def _ruling_due_at(self) -> datetime | None:
        wanted = [wait.terms.every for wait in self._waits]
        every = min((each for each in wanted if each is not None), default=None)
        return self._rulings.due_at(every, since=self.began_at)

    @property
    def _is_due(self) -> bool:
        due_at = self._ruling_due_at
        return due_at is not None and due_at <= workflow.now()

    @property
    def _due_at(self) -> datetime | None:
        moments = [self._ruling_due_at, *(wait.due_at for wait in self._waits)]
        return min((moment for moment in moments if moment is not None), default=None)

    def _comes_first(self) -> str:
        """The gates that must hold before anybody is asked to approve."""
        waits = (wait for wait in self._waits if wait.gate.before_approval and not wait.holds)
        return ", ".join(wait.name for wait in waits)

    def _ruled_in(self, admission: Admission) -> tuple[GateRuling, ...]:
        return tuple(r for r in admission.gates if r.environment == self.environment)

    def _wait(self, gate: Gate, stage: Stage) -> Wait:
        return Wait(
            gate, self._terms(gate, stage), environment=self.environment, trail=self._trail
        )

    def _terms(self, gate: Gate, stage: Stage) -> GateTerms:
        """As the policy says, else as the ruling does: what only informs, and who may waive it."""
        timeout = None if gate.name in _OWN_TIME else stage.patience
        terms = terms_of(stage.terms, gate.name, timeout=timeout)
        rulings = {ruling.gate: ruling for ruling in self._ruled_in(self._rulings.known)}
        if (ruling := rulings.get(gate.name)) is None:
            return terms
        return terms.model_copy(
            update={
                "advisory": terms.advisory or ruling.advisory,
                "waiver": terms.waiver or ruling.waiver,
            }
        )
