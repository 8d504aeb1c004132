"""One release, end to end: admission, gate and promotions of each stage, keep or turn back."""

import asyncio
from collections.abc import Awaitable

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, FailureError

from workflows.domain.commands import Alert, Command
from workflows.domain.errors import (
    Aborted,
    CanaryUnhealthy,
    GateClosed,
    ReleaseError,
    Stopped,
)
from workflows.domain.evidence import Handover
from workflows.domain.names import Attribute, promotion_id, rollback_id
from workflows.domain.order import ReleaseOrder
from workflows.domain.phase import Phase, phase_after
from workflows.domain.plan import GateRule, Plan, Promotion, Stage
from workflows.domain.promotion import PromotionOrder, RollbackOrder
from workflows.domain.status import (
    Blocker,
    GateView,
    Outcome,
    ReleaseStatus,
    RollbackView,
    TargetView,
)
from workflows.domain.undo import Undo
from workflows.domain.values import Artifact
from workflows.domain.vote import Decision, Vote, VoteRefused
from workflows.ports.artifacts import ArtifactsPort, VerifyArtifact
from workflows.ports.decisions import AdmitRelease, DecisionsPort
from workflows.ports.deploy import DeployPort, RemoveVersion
from workflows.ports.secrets import RevokeLeases, SecretsPort
from workflows.promotion import PromotionWorkflow
from workflows.rollback import RollbackWorkflow
from workflows.steps.attributes import keyword
from workflows.steps.baseline import baseline_of
from workflows.steps.call import call, try_call
from workflows.steps.child import raise_if_cancelled, restored
from workflows.steps.fanout import every
from workflows.steps.gate import Gate
from workflows.steps.progress import ReleaseProgress
from workflows.steps.record import write_evidence
from workflows.steps.saga import Saga
from workflows.steps.shield import to_completion
from workflows.steps.steering import Steering
from workflows.steps.trail import Trail
from workflows.steps.undoing import list_promotion, list_retirement


@workflow.defn
class ReleaseWorkflow:
    """Admit, then gate and promote stage by stage; keep it all, or put everything back."""

    @workflow.init
    def __init__(self, order: ReleaseOrder) -> None:
        self._order = order
        self._id = workflow.info().workflow_id
        self._saga = Saga()
        self._steering = Steering()
        self._trail = Trail(f"release-{workflow.info().run_id}")
        self._progress = ReleaseProgress(order)
        self._baselines: dict[str, Artifact | None] = {}
        self._gate: Gate | None = None
        self._promotion: workflow.ChildWorkflowHandle[PromotionWorkflow, TargetView] | None = None
        self._rollback: workflow.ChildWorkflowHandle[RollbackWorkflow, RollbackView] | None = None

    @workflow.run
    async def run(self, order: ReleaseOrder) -> Outcome:
        """Carry the release to its end; how it ended is the result, never an exception."""
        try:
            plan = await self._steering.unless_stopped(self._admit())
            for stage in plan.stages:
                await self._steering.unless_stopped(self._pass_gate(stage))
                await self._steering.unless_stopped(self._promote(stage))
        except (ReleaseError, asyncio.CancelledError) as error:
            outcome = await to_completion(self._turn_back(error))
        else:
            outcome = await to_completion(self._keep(plan))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome

    async def _admit(self) -> Plan:
        """Compile the plan, verify every build, and see that every target is at rest."""
        keyword(Attribute.REQUESTED_BY, self._order.requested_by)
        keyword(Attribute.PHASE, Phase.PLANNED)
        admission = await call(
            DecisionsPort.admit_release, AdmitRelease(order=self._order), trail=self._trail
        )
        plan = admission.plan
        self._progress.announce(plan, admission.decision_digest)
        builds = {p.artifact: p for p in plan.promotions}
        await every(self._verify_build(promotion) for promotion in builds.values())
        found = await every(baseline_of(promotion) for promotion in plan.promotions)
        targets = (str(promotion.target) for promotion in plan.promotions)
        self._baselines = dict(zip(targets, found, strict=True))
        await write_evidence(self._id, self._trail)
        return plan

    async def _verify_build(self, promotion: Promotion) -> None:
        await call(
            ArtifactsPort.verify_artifact,
            VerifyArtifact(artifact=promotion.artifact, store=promotion.source),
            trail=self._trail,
        )

    async def _pass_gate(self, stage: Stage) -> None:
        """Wait for those whom the stage's policy asks.

        Raises:
            GateClosed: somebody rejected, or nobody decided in time.
        """
        if stage.gate is None:
            return
        digest = self._progress.status.decision_digest or ""
        self._gate = Gate(stage.gate, digest=digest, requested_by=self._order.requested_by)
        self._show_gate(stage.gate)
        try:
            decision = await self._gate.decided()
        finally:
            self._gate = None  # also when the release is stopped: no vote counts any more
        self._progress.show(blocked_by=())
        where = f"gate of {stage.environment}"
        self._trail.note("gate", where, outcome=decision, detail=digest)
        if decision is not Decision.APPROVED:
            raise GateClosed(f"{where}: {decision}")
        await write_evidence(self._id, self._trail)

    def _show_gate(self, rule: GateRule) -> None:
        """Say what the open gate still misses, who may give it, and until when."""
        gate = self._gate
        if gate is None:
            return
        voters = sorted(set(rule.people) - {self._order.requested_by})
        blocker = Blocker(
            gate=f"approval of {rule.environment}",
            reason=f"still needs {', '.join(gate.missing) or 'nobody'}",
            can_be_cleared_by=tuple(f"{n} ({', '.join(rule.people[n])})" for n in voters),
            clears_at=gate.opened_at + rule.open_for,
        )
        self._progress.show(phase=Phase.AWAITING_APPROVAL, blocked_by=(blocker,), votes=gate.votes)

    async def _promote(self, stage: Stage) -> None:
        """Promote the services of a stage, dependencies first; each undo is listed before."""
        self._progress.show(phase=Phase.PROGRESSING)
        for promotion in stage.promotions:
            baseline = self._baselines[str(promotion.target)]
            order = PromotionOrder(
                release=self._id,
                promotion=promotion,
                baseline=baseline.digest if baseline else None,
                held=self._steering.held,
            )
            self._progress.begin(order)
            if order.baseline == promotion.artifact.digest:
                continue
            list_promotion(self._saga, promotion, baseline, release=self._id)
            await self._run_promotion(order)

    async def _run_promotion(self, order: PromotionOrder) -> None:
        try:
            self._promotion = await workflow.start_child_workflow(
                PromotionWorkflow.run,
                order,
                id=promotion_id(self._id, order.promotion.target),
                static_summary=f"promote {order.promotion}",
            )
            view = await self._promotion
        except ChildWorkflowError as error:
            raise restored(error) from error
        finally:
            self._promotion = None
        self._progress.progressed(view)
        raise_if_cancelled()

    async def _keep(self, plan: Plan) -> Outcome:
        """Everything is promoted and verified: remove the old versions, close the books."""
        self._progress.show(phase=Phase.VERIFYING)
        for promotion in plan.promotions:
            if (old := self._replaced(promotion)) is not None:
                list_retirement(self._saga, promotion, old, release=self._id)
        left = [await self._retire(promotion) for promotion in plan.promotions]
        revoke = RevokeLeases(release=self._id)
        left.append(await try_call(SecretsPort.revoke_leases, revoke, trail=self._trail))
        leftovers = tuple(what for what in left if what is not None)
        return await self._end(Phase.HEALTHY, "every stage was healthy", leftovers=leftovers)

    def _replaced(self, promotion: Promotion) -> Artifact | None:
        """The version that gave way to the promotion's."""
        old = self._baselines[str(promotion.target)]
        return old if old is not None and old.digest != promotion.artifact.digest else None

    async def _retire(self, promotion: Promotion) -> str | None:
        """Remove the old version; what could not be removed is named, and turns nothing back."""
        if (old := self._replaced(promotion)) is None:
            return None
        ask = RemoveVersion(
            target=promotion.target, platform=promotion.systems.platform, digest=old.digest
        )
        return await try_call(DeployPort.remove_version, ask, trail=self._trail)

    async def _turn_back(self, error: BaseException) -> Outcome:
        """Undo all that was listed, in a story of its own that outlives this one."""
        failure = error if isinstance(error, ReleaseError) else None
        reason = str(error) or "cancelled from outside"
        self._trail.note("turn_back", reason, outcome=failure.kind if failure else "Cancelled")
        phase = phase_after(failure, touched=bool(self._saga.undos))
        if not self._saga.undos:
            return await self._end(phase, reason)
        self._progress.show(phase=Phase.ROLLING_BACK, reason=reason, blocked_by=())
        try:
            self._rollback = await workflow.start_child_workflow(
                RollbackWorkflow.run,
                RollbackOrder(release=self._id, undos=self._saga.undos, reason=reason),
                id=rollback_id(self._id),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
                static_summary=f"roll back {self._order.name}: {reason}"[:200],
            )
            view = await self._rollback
        except ChildWorkflowError as failure:
            raise restored(failure) from failure
        self._progress.show(rollback=view, targets=self._progress.withdrawn())
        return await self._end(phase, reason)

    async def _end(self, phase: Phase, reason: str, *, leftovers: tuple[str, ...] = ()) -> Outcome:
        """The last word: into the record, the search attributes, the page, and the result."""
        self._trail.note("end", reason, outcome=phase)
        await write_evidence(self._id, self._trail)
        keyword(Attribute.OUTCOME, phase)
        self._progress.show(
            phase=phase,
            reason=reason,
            blocked_by=(),
            leftovers=leftovers,
            ended_at=workflow.now(),
        )
        status = self._progress.status
        return Outcome(
            phase=phase,
            reason=reason,
            exposure=status.exposure,
            undone=status.rollback.undone,
            leftovers=leftovers,
        )

    # What people and machines tell the release.

    @workflow.update
    def vote(self, vote: Vote) -> GateView:
        """Count one person's word at the open gate, and say what the gate makes of it."""
        return self._count(vote)

    @vote.validator
    def _check_vote(self, vote: Vote) -> None:
        if self._gate is None:
            raise VoteRefused(f"no gate is open: {self._order.name} is {self._phase}")
        self._gate.check(vote)

    @workflow.signal
    def approve(self, vote: Vote) -> None:
        self._count_signal(vote.model_copy(update={"approved": True}))

    @workflow.signal
    def reject(self, vote: Vote) -> None:
        self._count_signal(vote.model_copy(update={"approved": False}))

    @workflow.signal
    async def hold(self, command: Command) -> None:
        self._steering.held = command
        self._told("hold", command)
        if self._promotion is not None:
            await self._pass_on(self._promotion.signal(PromotionWorkflow.hold, command))

    @workflow.signal
    async def resume(self, command: Command) -> None:
        self._steering.held = None
        self._told("resume", command)
        if self._promotion is not None:
            await self._pass_on(self._promotion.signal(PromotionWorkflow.resume, command))

    @workflow.signal
    async def promote(self, command: Command) -> None:
        """Go on now: end a hold, a pause, or an analysis that cannot conclude."""
        self._steering.held = None
        self._told("promote", command)
        if self._promotion is not None:
            await self._pass_on(self._promotion.signal(PromotionWorkflow.promote, command))

    @workflow.signal
    def abort(self, command: Command) -> None:
        """Give the release up: everything goes back, and it ends as Cancelled."""
        self._told("abort", command)
        self._steering.halt(Aborted(f"aborted {command}"))

    @workflow.signal
    def rollback(self, command: Command) -> None:
        """Turn back: everything goes back, and it ends as RolledBack."""
        self._told("rollback", command)
        self._steering.halt(Stopped(f"rolled back {command}"))

    @workflow.signal
    def alert(self, alert: Alert) -> None:
        """A firing alert about what this release changed: turn back at once."""
        self._trail.note("alert", str(alert), outcome="firing", detail=str(alert.labels))
        self._steering.halt(CanaryUnhealthy(str(alert)))

    @workflow.signal
    async def retry(self, command: Command) -> None:
        """For a rollback that is incomplete: look again, undo what is still wrong."""
        if self._rollback is not None:
            await self._pass_on(self._rollback.signal(RollbackWorkflow.retry, command))

    @workflow.signal(name="confirmRepaired")
    async def confirm_repaired(self, command: Command) -> None:
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

    @property
    def _phase(self) -> Phase:
        return self._progress.status.phase

    def _count(self, vote: Vote) -> GateView:
        if self._gate is None:
            raise VoteRefused(f"no gate is open: {self._order.name} is {self._phase}")
        gate = self._gate
        gate.record(vote)
        word = "approves" if vote.approved else "rejects"
        self._trail.note(
            "vote",
            f"{vote.voter} {word} {gate.rule.environment}",
            outcome=word,
            detail=f"{vote.digest} {vote.assurance} {vote.note}".strip(),
            actor=vote.voter,
        )
        self._show_gate(gate.rule)
        decision = gate.decision or "open"
        return GateView(environment=gate.rule.environment, decision=decision, missing=gate.missing)

    def _count_signal(self, vote: Vote) -> None:
        """A signal cannot be answered: a vote that does not count is recorded as refused."""
        try:
            self._count(vote)
        except VoteRefused as refusal:
            self._trail.note(
                "vote",
                f"vote of {vote.voter}",
                outcome="refused",
                detail=str(refusal),
                actor=vote.voter,
            )

    def _told(self, word: str, command: Command) -> None:
        self._trail.note(
            word, f"{word} {command}", outcome="told", detail=command.reason, actor=command.by
        )

    async def _pass_on(self, signalling: Awaitable[None]) -> None:
        """Tell the story under way; one that has just ended needs it no more."""
        try:
            await signalling
        except FailureError:
            workflow.logger.info("signal_came_too_late", extra={"release": self._id})
