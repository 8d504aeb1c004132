"""The gate that a readiness review opens: it starts the review, and keeps it about what is so."""

from temporalio import workflow
from temporalio.exceptions import (
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
)

from workflows.domain.admission.admission import Admission
from workflows.domain.errors import Unavailable
from workflows.domain.names import readiness_id
from workflows.domain.readiness.briefing import subject_of
from workflows.domain.readiness.dossier import Dossier, changed
from workflows.domain.readiness.readiness import (
    ReadinessOrder,
    ReadinessState,
    ReadinessSubject,
    ReadinessView,
    asked_of,
)
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.phase import Phase
from workflows.domain.release.plan import ReadinessRule, Stage
from workflows.domain.release.status import Blocker
from workflows.domain.spec.gates import READINESS
from workflows.domain.values import Digest
from workflows.ports.releases import ReadReview, ReleasesPort
from workflows.readiness import ReadinessWorkflow
from workflows.steps.beside import beside
from workflows.steps.call import call
from workflows.steps.child import restored
from workflows.steps.rulings import AGAIN
from workflows.steps.shield import outlasting

_REMEMBERED = 50
"""Dossiers of which one may be under review; more rulings than that differ in no wait."""

_Review = workflow.ChildWorkflowHandle[ReadinessWorkflow, ReadinessView]


class ReadinessGate:
    """Holds while its review says go about what the newest ruling says."""

    name = READINESS
    phase = Phase.AWAITING_APPROVAL
    before_approval = False

    def __init__(
        self, rule: ReadinessRule, stage: Stage, *, release: str, order: ReleaseOrder
    ) -> None:
        self.environment = rule.environment
        self._rule = rule
        self._services = tuple(promotion.target.service for promotion in stage.promotions)
        self._release = release
        self._order = order
        self._subject: ReadinessSubject | None = None
        self._told: ReadinessSubject | None = None
        self._dossiers: dict[Digest, Dossier] = {}
        self._view: ReadinessView | None = None
        self._told_of = 0
        self._said_go = False

    def consider(self, admission: Admission) -> None:
        """Have the review go by the newest ruling; it decides whether that opens it anew."""
        self._subject = subject_of(
            admission, self.environment, release=self._release, before=self._subject
        )
        dossier = self._subject.dossier
        self._dossiers = {**self._dossiers, dossier.digest: dossier}
        while len(self._dossiers) > _REMEMBERED:
            self._dossiers.pop(next(iter(self._dossiers)))

    def progressed(self, view: ReadinessView) -> None:
        """Take over what the review says of itself; but go is for the review alone to say.

        It comes as a signal, and anybody may send one: that there is something to ask for.
        """
        self._told_of += 1
        self._said_go = view.go
        if not view.go:
            self._view = view

    def cleared(self) -> bool:
        return self._view is not None and self._view.go and not self._is_outdated

    @property
    def blocker(self) -> Blocker:
        where = f"readiness of {self.environment}"
        view = self._view
        if view is None:
            return Blocker(gate=where, reason="its review is about to be opened")
        if view.go:
            return Blocker(gate=where, reason="what everybody said go for has changed")
        escalation = view.escalation
        scheduled = view.state is ReadinessState.SCHEDULED
        asked = asked_of(self._rule, view.missing)
        return Blocker(
            gate=where,
            reason=view.reason,
            evidence=(view.dossier,) if view.dossier is not None else (),
            can_be_cleared_by=tuple(
                f"{name} ({', '.join(roles)})" for name, roles in self._rule.people.items()
            ),
            clears_at=view.opens_at if scheduled else None,
            owner=escalation.owner if escalation is not None else asked,
            escalates_at=escalation.escalates_at if escalation is not None else None,
            escalates_to=(escalation.escalates_to or "") if escalation is not None else "",
        )

    async def run(self) -> None:
        """Have a review for as long as the stage waits; one that was ended is opened once more.

        Raises:
            ReleaseError: why the review failed.
        """
        while True:
            review = await self._opened()
            await beside(
                self._until_ended(review), self._keep_current(review), self._ask_for_go(review)
            )
            self._view, self._said_go = None, False

    async def _opened(self) -> _Review:
        """Start the review; one of an earlier run that is still closing is waited for."""
        while True:
            subject = self._subject
            if subject is None:
                raise RuntimeError("a gate is told what was ruled before it runs")
            try:
                review = await workflow.start_child_workflow(
                    ReadinessWorkflow.run,
                    ReadinessOrder(
                        release=self._release,
                        name=self._order.name,
                        services=self._services,
                        requested_by=self._order.requested_by,
                        rule=self._rule,
                        subject=subject,
                    ),
                    id=readiness_id(self._release, self.environment),
                    # The review closes its own books; the promotion does not wait for them.
                    cancellation_type=workflow.ChildWorkflowCancellationType.TRY_CANCEL,
                    parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
                    static_summary=f"readiness of {self._order.name} for {self.environment}",
                )
            except WorkflowAlreadyStartedError:
                summary = "an earlier readiness review is still closing"
                await workflow.sleep(AGAIN, summary=summary)
            else:
                self._told = subject
                return review

    async def _until_ended(self, review: _Review) -> None:
        try:
            await review
        except ChildWorkflowError as error:
            raise restored(error) from error

    async def _ask_for_go(self, review: _Review) -> None:
        """Each time that go is told of, ask the review itself."""
        while True:
            await workflow.wait_condition(lambda: self._said_go)
            heard = self._told_of
            ask = ReadReview(review=review.id, run=review.first_execution_run_id or "")
            try:
                view = await call(ReleasesPort.read_review, ask)
            except Unavailable as error:
                workflow.logger.warning("review_not_read", extra={"problem": str(error)})
                await workflow.sleep(AGAIN, summary="the readiness review does not answer")
                continue
            if self._told_of == heard:  # else it may have taken its go back meanwhile
                self._view, self._said_go = view, False

    async def _keep_current(self, review: _Review) -> None:
        """Tell the review each time that the ruling changes what it is about."""
        while True:
            await workflow.wait_condition(lambda: self._subject != self._told)
            self._told = self._subject
            if self._told is None:
                continue
            try:
                await outlasting(review.signal(ReadinessWorkflow.subject_changed, self._told))
            except FailureError:
                workflow.logger.info("signal_came_too_late", extra={"release": self._release})

    @property
    def _is_outdated(self) -> bool:
        """Whether what was said go for is not what the newest ruling says any more."""
        if self._view is None or self._view.dossier is None or self._subject is None:
            return True
        sealed = self._dossiers.get(self._view.dossier)
        if sealed is None:
            return True
        found = changed(sealed, self._subject.dossier)
        return any(aspect in self._rule.reopen_on for aspect in found)
