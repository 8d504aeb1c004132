"""What people and machines may tell a release under way, and what it answers."""

import asyncio
from collections.abc import Awaitable

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from workflows.domain.audit import Handover
from workflows.domain.calendar.override import Override, OverrideRefused, OverrideView
from workflows.domain.durations import write_duration
from workflows.domain.errors import Aborted, CanaryUnhealthy, ReleaseError, Stopped
from workflows.domain.gates.vote import Vote, VoteRefused
from workflows.domain.gates.waiver import Waiver, WaiverRefused, WaiverView
from workflows.domain.names import READINESS_PROGRESSED
from workflows.domain.people.identity import Assurance
from workflows.domain.readiness.readiness import ReadinessView
from workflows.domain.release.commands import UNNAMED, UNSIGNED, Alert, Command
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.outcomes import EndedRelease
from workflows.domain.release.phase import Phase
from workflows.domain.release.promotion import CalendarNews
from workflows.domain.release.status import (
    GateView,
    ReleaseStatus,
    RollbackView,
    TargetView,
)
from workflows.domain.release.undo import Undo
from workflows.domain.watching.alerting import bounded
from workflows.promotion import PromotionWorkflow
from workflows.readiness_gate import ReadinessGate
from workflows.rollback import RollbackWorkflow
from workflows.steps.ballot import Ballot
from workflows.steps.clearance import Clearance
from workflows.steps.outcome import ended_now
from workflows.steps.overriding import Overrides
from workflows.steps.progress import ReleaseProgress
from workflows.steps.proving import Prover
from workflows.steps.record import Recorder
from workflows.steps.rulings import Rulings
from workflows.steps.saga import Saga
from workflows.steps.signing import DecisionSigner
from workflows.steps.steering import Steering
from workflows.steps.trail import Trail
from workflows.steps.window import WindowGate


class ReleaseDesk:
    """Takes votes, commands and alerts, and answers for the release; the story is elsewhere.

    Everything that a handler reads is set here, because messages may come before `run` begins.
    """

    def __init__(self, order: ReleaseOrder) -> None:
        self._order = order.without_proof()
        self._id = workflow.info().workflow_id
        self._saga = Saga()
        self._steering = Steering()
        self._trail = Trail(f"release-{workflow.info().run_id}")
        self._recorder = Recorder(self._id, self._trail)
        self._progress = ReleaseProgress(order)
        self._prover = Prover()
        self._rulings = Rulings(self._order, self._trail)
        self._overrides = Overrides(order, prover=self._prover, trail=self._trail)
        self._window: WindowGate | None = None
        self._signer = DecisionSigner(
            order, self._trail, lambda digest: self._progress.show(signed_decision=digest)
        )
        self._clearance: Clearance | None = None
        self._readiness: ReadinessGate | None = None
        self._promotion: workflow.ChildWorkflowHandle[PromotionWorkflow, TargetView] | None = None
        self._passing_on: asyncio.Future[None] | None = None
        self._rollback: workflow.ChildWorkflowHandle[RollbackWorkflow, RollbackView] | None = None

    @workflow.update
    async def vote(self, vote: Vote) -> GateView:
        """Count one person's word at the open gate, and say what the gate makes of it.

        A word that does not count is answered with its reason, and recorded like one that does.
        """
        try:
            return await self._count(vote)
        except VoteRefused as refusal:
            self._refused(refusal.voter or vote.voter or "somebody", str(refusal))
            raise ApplicationError(
                str(refusal), type=VoteRefused.__name__, non_retryable=True
            ) from refusal

    @vote.validator
    def _check_vote(self, vote: Vote) -> None:
        self._open_gate()

    @workflow.update
    async def waive(self, waiver: Waiver) -> WaiverView:
        """Count one person's word that a gate need not hold, and say what that makes of it.

        A word that does not count is answered with its reason, and recorded like one that does.
        """
        try:
            waiver, view = await self._count_waiver(waiver)
        except WaiverRefused as refusal:
            self._note_waiver(waiver, outcome="refused", detail=str(refusal))
            raise ApplicationError(
                str(refusal), type=WaiverRefused.__name__, non_retryable=True
            ) from refusal
        self._note_waiver(
            waiver,
            outcome="waived" if view.stands else "counted",
            detail=f"{waiver.digest} for {write_duration(waiver.lasts)}: {waiver.reason}",
        )
        self._show_gates()
        return view

    @waive.validator
    def _check_waiver(self, waiver: Waiver) -> None:
        self._open_stage()

    @workflow.update
    async def override(self, said: Override) -> OverrideView:
        """Count one person's word that a window does not bar this release."""
        blocked_by = self._progress.status.blocked_by
        try:
            view = await self._overrides.take(said, self._rulings.newest, blocked_by)
        except OverrideRefused as refusal:
            raise ApplicationError(
                str(refusal), type=OverrideRefused.__name__, non_retryable=True
            ) from refusal
        if view.stands:
            await self._ask_calendar()
        return view

    @workflow.signal
    async def calendar_changed(self) -> None:
        """A freeze was declared or lifted: ask the calendar anew, wherever the release is."""
        self._rulings.arrived()
        await self._ask_calendar()

    @workflow.signal
    def evidence_arrived(self) -> None:
        """Something came that the ruling goes by: rule anew, whatever gate waits for it."""
        self._rulings.arrived()

    @workflow.signal(name=READINESS_PROGRESSED)
    def readiness_progressed(self, view: ReadinessView) -> None:
        """Where the readiness review of the stage stands, as it says itself."""
        if self._readiness is not None and self._readiness.environment == view.environment:
            self._readiness.progressed(view)

    @workflow.signal
    async def approve(self, vote: Vote | None = None) -> None:
        await self._count_signal(vote, approved=True)

    @workflow.signal
    async def reject(self, vote: Vote | None = None) -> None:
        await self._count_signal(vote, approved=False)

    @workflow.signal
    async def hold(self, command: Command = UNSIGNED) -> None:
        self._steering.held = command
        self._told("hold", command)
        if self._promotion is not None:
            await self._pass_on(self._promotion.signal(PromotionWorkflow.hold, command))

    @workflow.signal
    async def resume(self, command: Command = UNSIGNED) -> None:
        self._steering.held = None
        self._told("resume", command)
        if self._promotion is not None:
            await self._pass_on(self._promotion.signal(PromotionWorkflow.resume, command))

    @workflow.signal
    async def promote(self, command: Command = UNSIGNED) -> None:
        """Go on now: end a hold, a pause, or an analysis that cannot conclude."""
        self._steering.held = None
        self._told("promote", command)
        if self._promotion is not None:
            await self._pass_on(self._promotion.signal(PromotionWorkflow.promote, command))

    @workflow.signal
    def abort(self, command: Command = UNSIGNED) -> None:
        """Give the release up: everything goes back, and it ends as Cancelled."""
        self._told("abort", command)
        self._steering.halt(Aborted(f"aborted {command}"))

    @workflow.signal
    def rollback(self, command: Command = UNSIGNED) -> None:
        """Turn back: everything goes back, and it ends as RolledBack."""
        self._told("rollback", command)
        self._steering.halt(Stopped(f"rolled back {command}"))

    @workflow.signal
    def alert(self, alert: Alert = UNNAMED) -> None:
        """A firing alert about what this release changed: turn back at once."""
        told = bounded(alert)
        self._trail.note("alert", str(told), outcome="firing", detail=told.evidence)
        self._steering.halt(CanaryUnhealthy(str(told)))

    @workflow.signal
    async def retry(self, command: Command = UNSIGNED) -> None:
        """For a rollback that is incomplete: look again, undo what is still wrong."""
        if self._rollback is not None:
            await self._pass_on(self._rollback.signal(RollbackWorkflow.retry, command))

    @workflow.signal(name="confirmRepaired")
    async def confirm_repaired(self, command: Command = UNSIGNED) -> None:
        """For a rollback that is incomplete: people put the rest right."""
        if self._rollback is not None:
            await self._pass_on(self._rollback.signal(RollbackWorkflow.confirm_repaired, command))

    @workflow.signal
    def promotion_progressed(self, view: TargetView) -> None:
        self._progress.progressed(view)

    @workflow.signal
    def promotion_handed_over(self, handover: Handover) -> None:
        """Record later what a promotion that failed had no time to record."""
        self._trail.take_over(handover.entries)

    @workflow.signal
    def rollback_progressed(self, view: RollbackView) -> None:
        phase = Phase.ROLLBACK_INCOMPLETE if view.differences else Phase.ROLLING_BACK
        self._progress.show(phase=phase, rollback=view)

    @workflow.query
    def status(self) -> ReleaseStatus:
        return self._progress.status

    @workflow.query
    def undos(self) -> tuple[Undo, ...]:
        """How to put everything back, oldest first: for a sweep, or a rollback after the end."""
        return self._saga.undos

    @workflow.query
    def end_from_outside(self) -> tuple[EndedRelease, ...]:
        """How a sweep files a release that was ended without a word; empty if never admitted."""
        known = self._rulings.newest
        if known is None or known.profile is None:
            return ()
        return (ended_now(self._order, known.profile, Phase.CANCELLED, touched=self._touched),)

    @property
    def _touched(self) -> bool:
        """Whether the release had begun anything that would have to be undone."""
        return self._saga.touched

    async def _ask_calendar(self) -> None:
        granted = self._overrides.granted
        if self._window is not None:
            self._window.changed(granted)
        if self._promotion is not None:
            news = CalendarNews(overrides=granted)
            await self._pass_on(self._promotion.signal(PromotionWorkflow.calendar_changed, news))

    @property
    def _phase(self) -> Phase:
        return self._progress.status.phase

    @property
    def _gate(self) -> Ballot | None:
        """Where votes count now."""
        return self._clearance.approval.ballot if self._clearance is not None else None

    def _open_stage(self) -> Clearance:
        if self._clearance is None:
            raise WaiverRefused(f"no gate is open: {self._order.name} is {self._phase}")
        return self._clearance

    def _show_gates(self) -> None:
        """Say what each open gate still misses, who may give it, and until when."""
        if (clearance := self._clearance) is None:
            return
        blockers = clearance.blockers
        ballot = clearance.approval.ballot
        self._progress.show(
            phase=clearance.phase if blockers else self._phase,
            blocked_by=blockers,
            gates=clearance.states,
            votes=ballot.votes if ballot is not None else (),
            identity=clearance.stage.waiving.identity,
            decision_digest=self._rulings.known.decision_digest,
        )
        self._recorder.begin()

    def _open_gate(self) -> Ballot:
        if (gate := self._gate) is None:
            raise VoteRefused(f"no gate is open: {self._order.name} is {self._phase}")
        return gate

    async def _count(self, claimed: Vote) -> GateView:
        gate = self._open_gate()
        vote = await self._known(gate, claimed)
        if self._gate is not gate:
            raise VoteRefused("the gate closed while it was verified who votes")
        window = self._window
        if vote.approved and window is not None and (bar := window.bars_approval) is not None:
            raise VoteRefused(f"nobody may approve now: {bar}")
        try:
            gate.record(vote)
        except VoteRefused as refusal:
            refusal.voter = vote.voter
            raise
        word = "approves" if vote.approved else "rejects"
        known = vote.assurance if vote.proven is None else f"proven as {vote.proven.account}"
        self._trail.note(
            "vote",
            f"{vote.voter} {word} {gate.rule.environment}",
            outcome=word,
            detail=f"{vote.digest} {known} {vote.note}".strip(),
            actor=vote.voter,
        )
        self._show_gates()
        decision = gate.decision or "open"
        return GateView(environment=gate.rule.environment, decision=decision, missing=gate.missing)

    async def _known(self, gate: Ballot, claimed: Vote) -> Vote:
        """The vote of whoever it is known to be of, as far as the gate's policy asks.

        Raises:
            VoteRefused: the policy asks for a proof, and the vote's proves something else.
        """
        rule = gate.rule
        if rule.identity is Assurance.ASSERTED:
            return claimed.asserted()
        statement = claimed.statement(
            release=self._id, run=workflow.info().run_id, gate=rule.environment
        )
        try:
            proven = await self._prover.prove(statement, claimed.proof, accounts=rule.accounts)
        except ReleaseError as refusal:
            raise VoteRefused(
                f"the policy of {rule.environment} asks for a proven identity: {refusal}"
            ) from refusal
        return claimed.proven_by(proven)

    async def _count_signal(self, vote: Vote | None, *, approved: bool) -> None:
        """A signal cannot be answered: a vote that does not count is recorded as refused."""
        if vote is None:
            self._refused("nobody", "the signal says neither who votes nor on which digest")
            return
        try:
            await self._count(vote.model_copy(update={"approved": approved}))
        except VoteRefused as refusal:
            self._refused(refusal.voter or vote.voter or "somebody", str(refusal))

    def _refused(self, voter: str, why: str) -> None:
        self._trail.note("vote", f"vote of {voter}", outcome="refused", detail=why, actor=voter)
        self._recorder.begin()  # who tried is recorded even if nothing else ever happens

    async def _count_waiver(self, claimed: Waiver) -> tuple[Waiver, WaiverView]:
        """The waiver of whoever it is known to be of, and what it made of its gate.

        Raises:
            WaiverRefused: it does not count, with the reason.
        """
        clearance = self._open_stage()
        guard, environment = clearance.stage.waiving, clearance.environment
        waiver = claimed.asserted()
        if guard.identity is Assurance.PROVEN:
            statement = claimed.statement(
                release=self._id, run=workflow.info().run_id, environment=environment
            )
            try:
                proven = await self._prover.prove(
                    statement, claimed.proof, accounts=guard.accounts
                )
            except ReleaseError as refusal:
                raise WaiverRefused(
                    f"the policy of {environment} asks for a proven identity: {refusal}"
                ) from refusal
            waiver = claimed.proven_by(proven)
        if self._clearance is not clearance:
            raise WaiverRefused("the gates opened or closed while it was verified who waives")
        return waiver, clearance.waive(waiver)

    def _note_waiver(self, waiver: Waiver, *, outcome: str, detail: str) -> None:
        sentence = f"{waiver.by} waives {waiver.gate}"
        self._trail.note("waiver", sentence, outcome=outcome, detail=detail, actor=waiver.by)

    def _told(self, word: str, command: Command) -> None:
        self._trail.note(
            word, f"{word} {command}", outcome="told", detail=command.reason, actor=command.by
        )

    async def _pass_on_hold(self) -> None:
        """Tell the promotion that has just started whether the release is held by now."""
        if self._promotion is None:
            return
        if (held := self._steering.held) is not None:
            await self._pass_on(self._promotion.signal(PromotionWorkflow.hold, held))
        else:
            await self._pass_on(self._promotion.signal(PromotionWorkflow.resume, UNSIGNED))

    async def _pass_on(self, signalling: Awaitable[None]) -> None:
        """Tell the story under way; one that has just ended needs it no more."""
        try:
            await signalling
        except FailureError:
            workflow.logger.info("signal_came_too_late", extra={"release": self._id})
