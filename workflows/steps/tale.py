"""What one promotion tells its release, and keeps for the audit record."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.domain.audit import Handover
from workflows.domain.canary.harm import Harm
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.watch import NOTHING_YET, Watched
from workflows.domain.names import HANDED_OVER, PROGRESSED
from workflows.domain.release.page import promotion_page
from workflows.domain.release.promotion import PromotionOrder
from workflows.domain.release.status import Blocker, Exposure, Progress, TargetView, WatchView
from workflows.steps.record import Recorder
from workflows.steps.shield import outlasting
from workflows.steps.trail import Trail

_OFTEN_ENOUGH = 50
"""So many looks are recorded together; what is not recorded is held in memory until it is."""


class PromotionTale:
    """The view of one promotion: each change is told to the release that awaits it."""

    def __init__(self, order: PromotionOrder) -> None:
        self._order = order
        self._release = order.release
        self.trail = Trail(f"{order.promotion.target}-{workflow.info().run_id}")
        self._recorder = Recorder(order.release, self.trail)
        self.view = TargetView(
            target=order.promotion.target,
            artifact=order.promotion.artifact,
            replaces=order.baseline,
            steps=len(order.promotion.steps),
            started_at=workflow.now(),
        )
        self._told = self.view
        self._before = self.view
        self._telling = asyncio.Lock()
        self.seen = Watched(verdict=NOTHING_YET)

    def opened(self, lasts: timedelta) -> int:
        """A new watch, by its number: what it counts comes on top of what was served before."""
        watch = WatchView(began_at=workflow.now(), planned_seconds=lasts.total_seconds())
        self.view = self._before = self.view.model_copy(update={"watch": watch})
        self.seen = Watched(verdict=NOTHING_YET, watch=self.seen.watch + 1)
        return self.seen.watch

    async def tell(self, *, weight: int | None = None, **changes: Any) -> None:
        """Change the view, show it on this story's own page, and tell the release what is new.

        New is a step, a wait or another verdict, not one more request counted: a canary that
        is watched for days must not fill the history of its release. Who wants the latest
        counts asks the promotion's own `status`.
        """
        if weight is not None:
            changes["exposure"] = self.view.exposure.model_copy(update={"weight_asked": weight})
        if "step" in changes:
            changes["watch"] = None  # of the step before
        if weight and self.view.exposed_at is None:
            changes["exposed_at"] = workflow.now()
        if changes.get("progress") is Progress.FAILED and self.view.decided_at is None:
            changes["decided_at"] = workflow.now()
        self.view = self.view.model_copy(update=changes)
        workflow.set_current_details(promotion_page(self.view))
        if _news(self.view) != _news(self._told):
            self.view = self.view.model_copy(update={"revision": self.view.revision + 1})
            self._told = self.view
            await self._tell_release()

    async def _tell_release(self) -> None:
        """One view after the other: of two under way at once, the older could arrive last."""
        async with self._telling:
            await self._signal(PROGRESSED, self.view)

    async def hold(self, blocker: Blocker) -> None:
        await self.tell(progress=Progress.HOLDING, blocked_by=(blocker,))

    def watched(self, seen: Watched) -> None:
        """Note where the watch stands; it is told with the next change.

        What comes late from a watch that is over already changes nothing.
        """
        if seen.watch != self.seen.watch:
            return
        self.seen = seen
        harm = self._before.harm + seen.served.harm
        exposure = self._exposure(seen, harm)
        changes: dict[str, Any] = {"verdict": seen.verdict, "exposure": exposure, "harm": harm}
        if self.view.watch is not None:
            told = {"seconds": seen.seconds, "cause": seen.cause}
            changes["watch"] = self.view.watch.model_copy(update=told)
        if seen.verdict.word is Word.FAIL and self.view.decided_at is None:
            changes["decided_at"] = workflow.now()
        self.view = self.view.model_copy(update=changes)

    def _exposure(self, seen: Watched, harm: Harm) -> Exposure:
        """What was served before this watch, and what it has counted since."""
        served, share, before = seen.served, seen.share, self._before.exposure
        total = served.requests + served.baseline_requests
        budget = self._order.budget
        return Exposure(
            weight_asked=self.view.exposure.weight_asked,
            weight_measured=round(100 * served.requests / total, 1) if total else None,
            weight_low=None if share is None else round(100 * share.low, 1),
            weight_high=None if share is None else round(100 * share.high, 1),
            requests=before.requests + served.requests,
            failed=before.failed + served.failed,
            harm_budget=None if budget is None else budget.failed_requests,
            harm_budget_left=self._left(harm),
        )

    def _left(self, harm: Harm) -> int | None:
        """Failed requests that the release may still cost."""
        budget = self._order.budget
        if budget is None or budget.failed_requests is None:
            return None
        spent = self._order.spent + harm
        return max(0, budget.failed_requests - spent.failed_requests)

    def record(self) -> None:
        """Write beside the story: a canary is watched while the ledger does not answer."""
        self._recorder.begin()

    def record_now_and_then(self) -> None:
        if len(self.trail.unwritten) >= _OFTEN_ENOUGH:
            self._recorder.begin()

    async def recorded(self) -> None:
        """Wait until the record holds everything so far; see `Recorder.finish`."""
        await self._recorder.finish()

    async def hand_over(self) -> None:
        """Leave the recording to the release: turning back must not wait for the ledger."""
        if self.trail.unwritten:
            await self._signal(HANDED_OVER, Handover(entries=self.trail.unwritten))

    async def _signal(self, name: str, message: TargetView | Handover) -> None:
        if (parent := workflow.info().parent) is None:
            return
        handle = workflow.get_external_workflow_handle(parent.workflow_id)
        try:
            await outlasting(handle.signal(name, message))
        except FailureError:
            workflow.logger.warning("release_is_gone", extra={"release": self._release})


def _news(view: TargetView) -> tuple[object, ...]:
    """What of a view the release must know at once."""
    return (
        view.progress,
        view.step,
        view.doing,
        view.route,
        view.drift,
        view.exposure.weight_asked,
        view.verdict.word if view.verdict is not None else None,
        _magnitude(view.exposure.requests),
        tuple((blocker.gate, blocker.clears_at) for blocker in view.blocked_by),
        view.ended_at,
    )


def _magnitude(requests: int) -> int:
    """Grows by one whenever the requests have quadrupled: so often their count is news."""
    return requests.bit_length() // 2
