"""One release, end to end: admission, gate and promotions of each stage, keep or turn back."""

import asyncio
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError

from workflows.bound_environments import BoundEnvironments
from workflows.domain.attestations.deciding import Decided
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import Granted
from workflows.domain.canary.harm import HarmBudget
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import GateClosed, PolicyViolated, ReleaseError, Stopped
from workflows.domain.gates.waits import GateWait
from workflows.domain.names import (
    ENVIRONMENT_PROGRESSED,
    Attribute,
    promotion_id,
    rollback_id,
    seal_id,
)
from workflows.domain.people.identity import Assurance
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.phase import Phase, phase_after
from workflows.domain.release.plan import Plan, Promotion, Stage
from workflows.domain.release.promotion import PromotionOrder, RollbackOrder
from workflows.domain.release.status import (
    Outcome,
    RollbackView,
)
from workflows.domain.values import Artifact
from workflows.ports.artifacts import ArtifactsPort, VerifyArtifact
from workflows.ports.secrets import RevokeLeases, SecretsPort
from workflows.promotion import PromotionWorkflow
from workflows.readiness_gate import ReadinessGate
from workflows.release_desk import ReleaseDesk
from workflows.rollback import RollbackWorkflow
from workflows.seal import SealOrder, SealWorkflow
from workflows.steps.attributes import keyword
from workflows.steps.baseline import Baseline, baseline_of, baseline_still, traffic_of
from workflows.steps.call import call, try_call
from workflows.steps.child import raise_if_stopped, restored
from workflows.steps.clearance import Clearance
from workflows.steps.fanout import every
from workflows.steps.flags import flags_of, list_flags
from workflows.steps.gatekeeping import publish_matrices, record_waits
from workflows.steps.gates import Gate
from workflows.steps.held import held_by
from workflows.steps.outcome import file_outcome
from workflows.steps.proving import proven_trigger
from workflows.steps.retiring import retire
from workflows.steps.shield import to_completion
from workflows.steps.undoing import list_promotion, list_recovery, list_retirement
from workflows.steps.vacancy import VacancyGate
from workflows.steps.window import WindowGate

_TOO_LATE = RollbackView(
    safe=False, until="the old versions were removed; a rollback after the end installs them again"
)


@workflow.defn
class ReleaseWorkflow(ReleaseDesk):
    """Admit, then gate and promote stage by stage; keep it all, or put everything back."""

    @workflow.init
    def __init__(self, order: ReleaseOrder) -> None:
        super().__init__(order)
        self._baselines: dict[str, Baseline | None] = {}
        self._orders: dict[str, PromotionOrder] = {}
        self._budget: HarmBudget | None = None
        self._telling: asyncio.Future[None] | None = None
        self._waits: tuple[GateWait, ...] = ()
        self._environments = BoundEnvironments(
            self._id,
            saga=self._saga,
            trail=self._trail,
            steering=self._steering,
            show=self._progress,
        )

    @workflow.run
    async def run(self, order: ReleaseOrder) -> Outcome:
        """Carry the release to its end; how it ended is the result, never an exception."""
        try:
            plan = await self._steering.unless_stopped(self._admit(order))
            for planned in plan.stages:
                stage = await self._steering.unless_stopped(self._enter(planned))
                await self._steering.unless_stopped(self._promote(stage))
            await self._steering.unless_stopped(self._while_held())
        except (ReleaseError, asyncio.CancelledError) as error:
            outcome = await to_completion(self._turn_back(error))
        else:
            outcome = await to_completion(self._keep(plan))
        # A cancel that came now would tell of a release that is kept as of one that was not.
        await to_completion(workflow.wait_condition(workflow.all_handlers_finished))
        return outcome

    @workflow.query
    def set_aside(self) -> tuple[Granted, ...]:
        """The windows that people have set aside: for its promotions, which believe no signal."""
        return self._overrides.granted

    @workflow.signal(name=ENVIRONMENT_PROGRESSED)
    def environment_progressed(self, view: EnvironmentView) -> None:
        """Where an environment that is made for this release stands, as it says itself."""
        self._environments.progressed(view)

    async def _admit(self, order: ReleaseOrder) -> Plan:
        """Compile the plan, verify every build, and see that every target is at rest.

        In an environment that is still to be created there is nothing to see.
        """
        keyword(Attribute.REQUESTED_BY, self._order.requested_by)
        keyword(Attribute.PHASE, Phase.PLANNED)
        await self._know_who_asks(order.proof)
        admission = await self._rulings.first()
        if admission.risk is not None:
            keyword(Attribute.RISK, admission.risk.level)
        plan = admission.plan
        self._budget = plan.budget
        self._progress.announce(plan, admission.decision_digest)
        builds = {p.artifact: p for p in plan.promotions}
        await every(self._verify_build(promotion) for promotion in builds.values())
        found = await every(baseline_of(promotion) for promotion in plan.standing)
        targets = (str(promotion.target) for promotion in plan.standing)
        self._baselines = dict(zip(targets, found, strict=True))
        await publish_matrices(self._order, admission, self._trail)
        await self._recorder.finish()
        return plan

    async def _know_who_asks(self, proof: str | None) -> None:
        """From now on the release is asked for by whom the token proves, if there is one."""
        if proof is None:
            return
        trigger = await proven_trigger(self._order, proof, release=self._id, trail=self._trail)
        self._order = self._order.asked_by(trigger)
        self._rulings.asked_by(trigger)
        self._overrides.asked_by(trigger.person)
        keyword(Attribute.REQUESTED_BY, trigger.person)
        self._progress.show(requested_by=trigger.person, requested=Assurance.PROVEN)

    async def _verify_build(self, promotion: Promotion) -> None:
        await call(
            ArtifactsPort.verify_artifact,
            VerifyArtifact(artifact=promotion.artifact, store=promotion.source),
            trail=self._trail,
        )

    async def _enter(self, planned: Stage) -> Stage:
        """Clear a stage and begin its environment; whose name was taken meanwhile clears anew."""
        stage = await self._clear(planned)
        while not await self._environments.begun(stage, self._order):
            stage = await self._clear(stage)
        return stage

    async def _clear(self, stage: Stage) -> Stage:
        """Wait at every gate of *stage* at once; the stage as the ruling that cleared it has it.

        Raises:
            GateClosed: a gate was rejected, or stayed closed for too long.
            PolicyViolated: by what is known now, it would not be admitted any more.
        """
        clearance = self._clearance = Clearance(
            stage,
            self._rulings,
            requested_by=self._order.requested_by,
            trail=self._trail,
            gates=self._gates_of(stage),
        )
        try:
            cleared = await clearance.passed(self._show_gates)
        except (ReleaseError, asyncio.CancelledError) as error:
            self._close(clearance)
            if isinstance(error, GateClosed | PolicyViolated):
                self._signer.sign(self._decided(stage, reason=str(error)))
            raise
        self._close(clearance)
        self._signer.sign(self._decided(cleared))
        self._progress.show(blocked_by=(), identity=None)
        await self._recorder.finish()
        return cleared

    def _decided(self, stage: Stage, *, reason: str = "") -> Decided:
        return Decided(stage=stage, admission=self._rulings.known, reason=reason)

    def _gates_of(self, stage: Stage) -> tuple[Gate, ...]:
        """What the stage waits for beside approval and the gates that go by the ruling."""
        if stage.readiness is not None:
            self._readiness = ReadinessGate(
                stage.readiness, stage, release=self._id, order=self._order
            )
        self._window = WindowGate(
            stage.environment, trail=self._trail, overrides=self._overrides.granted
        )
        gates: tuple[Gate | None, ...] = (self._readiness, self._window, self._vacancy_of(stage))
        return tuple(gate for gate in gates if gate is not None)

    def _vacancy_of(self, stage: Stage) -> Gate | None:
        if (plan := stage.created_from) is None:
            return None
        return VacancyGate(stage.environment, plan, release=self._id)

    def _close(self, clearance: Clearance) -> None:
        """No vote counts any more, also when the release is stopped."""
        self._clearance = self._window = None
        self._readiness = None
        self._waits += clearance.waits(release=self._id)

    async def _promote(self, stage: Stage) -> None:
        """Promote the services of a stage, dependencies first; each undo is listed before."""
        self._progress.show(phase=Phase.PROGRESSING)
        await self._environments.ready(stage)
        for promotion in stage.promotions:
            name = str(promotion.target)
            baseline = await self._baseline(promotion)
            self._baselines[name] = baseline
            flags = await flags_of(promotion)
            order = PromotionOrder(
                release=self._id,
                promotion=promotion,
                baseline=baseline.artifact.digest if baseline else None,
                held=self._steering.held,
                traffic=await traffic_of(promotion, baseline),
                flags=flags,
                budget=self._budget,
                spent=self._progress.status.harm,
                calendar=self._timetable_of(promotion),
                overrides=self._overrides.granted,
            )
            self._orders[name] = order
            self._progress.begin(order)
            if order.baseline == promotion.artifact.digest:
                continue
            list_promotion(self._saga, promotion, baseline, release=self._id)
            list_flags(self._saga, promotion, flags, baseline=order.baseline, release=self._id)
            await self._run_promotion(order)
        self._environments.left()

    async def _baseline(self, promotion: Promotion) -> Baseline | None:
        """What the target serves, as when it was admitted; one that was just made, at first."""
        name = str(promotion.target)
        if name not in self._baselines:
            return await baseline_of(promotion)
        return await baseline_still(promotion, self._baselines[name])

    def _timetable_of(self, promotion: Promotion) -> Timetable | None:
        target = promotion.target
        found = (t for t in self._rulings.known.timetables if t.environment == target.environment)
        return next((timetable.of(target.service) for timetable in found), None)

    async def _run_promotion(self, order: PromotionOrder) -> None:
        try:
            self._promotion = await workflow.start_child_workflow(
                PromotionWorkflow.run,
                order,
                id=promotion_id(self._id, order.promotion.target),
                static_summary=f"promote {order.promotion}",
            )
            if self._overrides.granted != order.overrides:
                self._telling = asyncio.ensure_future(self._ask_calendar())
            if self._steering.held != order.held:  # said while nobody could pass it on
                # Beside, not before: a cancel must find this story waiting for its promotion.
                self._passing_on = asyncio.ensure_future(self._pass_on_hold())
            view = await self._promotion
        except ChildWorkflowError as error:
            raise restored(error) from error
        except WorkflowAlreadyStartedError as error:
            raise Stopped(
                f"a promotion of an earlier run still runs: {order.promotion}"
            ) from error
        finally:
            self._promotion = None
        self._progress.progressed(view)
        raise_if_stopped(self._steering)

    async def _while_held(self) -> None:
        """A hold also keeps the old versions: with them the way back is the shortest."""
        if (blocker := held_by(self._steering)) is not None:
            self._progress.show(phase=Phase.HOLDING, blocked_by=(blocker,))
            await workflow.wait_condition(lambda: self._steering.held is None)
            self._progress.show(blocked_by=())

    async def _keep(self, plan: Plan) -> Outcome:
        """Everything is promoted and verified: remove the old versions, close the books."""
        self._progress.show(phase=Phase.VERIFYING, rollback=_TOO_LATE)
        replaced = [(p, old) for p in plan.standing if (old := self._replaced(p)) is not None]
        for promotion, old in replaced:
            list_retirement(self._saga, promotion, old, release=self._id)
        left = [await retire(promotion, old, trail=self._trail) for promotion, old in replaced]
        revoke = RevokeLeases(release=self._id)
        left.append(await try_call(SecretsPort.revoke_leases, revoke, trail=self._trail))
        leftovers = tuple(what for what in left if what is not None)
        leftovers += await self._environments.give_back()
        return await self._end(Phase.HEALTHY, "every stage was healthy", leftovers=leftovers)

    def _replaced(self, promotion: Promotion) -> Artifact | None:
        """The version that gave way to the promotion's."""
        baseline = self._baselines[str(promotion.target)]
        if baseline is None or baseline.artifact.digest == promotion.artifact.digest:
            return None
        return baseline.artifact

    async def _turn_back(self, error: BaseException) -> Outcome:
        """Undo all that was listed, in a story of its own that outlives this one."""
        failure = error if isinstance(error, ReleaseError) else None
        reason = str(error) or "cancelled from outside"
        self._trail.note("turn_back", reason, outcome=failure.kind if failure else "Cancelled")
        phase = phase_after(failure, touched=self._touched)
        if not self._saga.undos:
            return await self._end(phase, reason)
        self._list_recoveries()
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
        return await self._end(phase, reason, leftovers=view.remarks)

    def _list_recoveries(self) -> None:
        """Of every target whose traffic was moved: who never had the new version needs none."""
        for view in self._progress.status.targets:
            order = self._orders.get(str(view.target))
            baseline = self._baselines.get(str(view.target))
            if view.target.environment in self._environments:
                continue  # it is torn down with whatever serves in it
            if order is not None and baseline is not None and view.route is not None:
                list_recovery(self._saga, order.promotion, baseline, order.traffic)

    async def _seal(self) -> None:
        """Have the record sealed by a story of its own, which this one does not wait for."""
        with suppress(WorkflowAlreadyStartedError):  # of an earlier run under this name
            await workflow.start_child_workflow(
                SealWorkflow.run,
                SealOrder(why=f"the end of {self._order.name}"),
                id=seal_id(self._id),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary="seal the audit record",
            )

    async def _end(self, phase: Phase, reason: str, *, leftovers: tuple[str, ...] = ()) -> Outcome:
        """The last word: into the record, the search attributes, the page, and the result.

        A record that does not take it is left over: were it raised, the release would count as
        ended from outside, and what it has just kept would be swept away.
        """
        known = self._rulings.newest
        unfiled = await file_outcome(
            self._order,
            known.profile if known is not None else None,
            phase,
            touched=self._touched,
            trail=self._trail,
        )
        leftovers += (unfiled,) if unfiled is not None else ()
        await record_waits(self._waits, self._trail)
        await self._signer.finish()
        self._trail.note("end", reason, outcome=phase)
        leftovers += self._overrides.to_look_back_on
        if (unwritten := await self._recorder.try_finish()) is not None:
            leftovers += (unwritten,)
        await self._seal()
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
