"""The one view of a release: query, search attributes and the page in the Temporal UI."""

from typing import Any

from temporalio import workflow

from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.names import Attribute
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.page import release_page
from workflows.domain.release.plan import Plan
from workflows.domain.release.promotion import PromotionOrder
from workflows.domain.release.status import MadeEnvironment, Progress, ReleaseStatus, TargetView
from workflows.steps.attributes import keyword, keywords

_TOLD = ("phase", "targets", "exposure", "analysis", "blocked_by")
"""What of the status a promotion may change."""


class ReleaseProgress:
    """Holds the status and shows every change of it, from one place."""

    def __init__(self, order: ReleaseOrder) -> None:
        release = workflow.info().workflow_id
        self.status = ReleaseStatus(
            release=release,
            name=order.name,
            chain_id=release,
            run_id=workflow.info().run_id,
            requested_by=order.requested_by,
            started_at=workflow.now(),
        )

    def show(self, **changes: Any) -> None:
        """Change the status, and show it wherever people and machines look."""
        phase = changes.get("phase", self.status.phase)
        if phase != self.status.phase:
            keyword(Attribute.PHASE, phase)
        self.status = self.status.model_copy(update=changes)
        workflow.set_current_details(release_page(self.status))

    def announce(self, plan: Plan, digest: str) -> None:
        """Make the release findable by what it is about."""
        promotions = plan.promotions
        keywords(Attribute.SERVICE, [p.target.service for p in promotions])
        keywords(Attribute.ENVIRONMENT, [stage.environment for stage in plan.stages])
        keywords(Attribute.VERSION, [p.artifact.version for p in promotions])
        views = tuple(
            TargetView(target=p.target, artifact=p.artifact, steps=len(p.steps))
            for p in promotions
        )
        made = tuple(
            MadeEnvironment(
                environment=stage.environment,
                template=planned.blueprint.template,
                plan_digest=planned.digest,
            )
            for stage in plan.stages
            if (planned := stage.created_from) is not None
        )
        self.show(
            decision_digest=digest,
            summary=plan.summary,
            ticket=plan.ticket,
            targets=views,
            environments=made,
        )

    def made(self, name: str, phase: EnvironmentPhase, reason: str) -> None:
        """Say where an environment that is made for the release stands."""
        news = {"phase": phase, "reason": reason}
        views = self.status.environments
        self.show(
            environments=tuple(
                each.model_copy(update=news) if each.environment == name else each
                for each in views
            )
        )

    def begin(self, order: PromotionOrder) -> None:
        """Say what a promotion replaces; a target that serves the build already is unchanged."""
        same = order.baseline == order.promotion.artifact.digest
        self.show(
            targets=self._with(
                self.of(order).model_copy(
                    update={
                        "replaces": order.baseline,
                        "progress": Progress.UNCHANGED if same else Progress.WAITING,
                    }
                )
            )
        )

    def of(self, order: PromotionOrder) -> TargetView:
        target = order.promotion.target
        return next(view for view in self.status.targets if view.target == target)

    def progressed(self, view: TargetView) -> None:
        """Take over what a promotion says of itself."""
        status = self.status.with_target(view)
        self.show(**{name: getattr(status, name) for name in _TOLD})

    def withdrawn(self) -> tuple[TargetView, ...]:
        """The targets once everything that was begun is put back."""
        return tuple(
            view
            if view.progress in {Progress.WAITING, Progress.UNCHANGED}
            else view.model_copy(
                update={
                    "progress": Progress.WITHDRAWN,
                    "doing": "",
                    "blocked_by": (),
                    "exposure": view.exposure.model_copy(update={"weight_asked": 0}),
                }
            )
            for view in self.status.targets
        )

    def _with(self, view: TargetView) -> tuple[TargetView, ...]:
        return tuple(view if v.target == view.target else v for v in self.status.targets)
