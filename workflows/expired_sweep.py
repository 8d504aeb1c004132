"""End the environments whose time is long over: the net below each environment's own timer."""

from datetime import datetime

from temporalio import workflow

from workflows.domain.durations import write_duration
from workflows.domain.environments.sweeping import (
    BY,
    ExpiredReport,
    ExpiredSweepOrder,
    is_overdue,
    keeper,
)
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import ReleaseError
from workflows.ports.environment_stories import (
    EndEnvironment,
    EnvironmentStoriesPort,
)
from workflows.steps.call import call
from workflows.steps.fanout import every
from workflows.steps.living import page_of_living
from workflows.steps.sweep_tale import SweepTale, batches, long_enough

_A_PAGE = 100
_AT_ONCE = 20


@workflow.defn
class ExpiredSweepWorkflow:
    """Each environment ends by its own timer; this finds those that did not, and tells them.

    It only tells: the environment itself decides, by its own lease, whether its time is over.
    """

    @workflow.init
    def __init__(self, order: ExpiredSweepOrder) -> None:
        self._order = order
        self._tale = SweepTale(order.so_far or ExpiredReport())

    @workflow.run
    async def run(self, order: ExpiredSweepOrder) -> ExpiredReport:
        """Look at all whose time is over, page by page, and end those that nothing keeps."""
        before, page, looked = order.before or workflow.now() - order.after, order.page, 0
        while page := await self._look_through(before, page):
            looked += 1
            if long_enough(looked, order.pages):
                await self._tale.close()
                onwards = {"before": before, "page": page, "so_far": self._tale.report}
                workflow.continue_as_new(order.model_copy(update=onwards))
        await self._tale.close()
        return self._tale.report

    async def _look_through(self, before: datetime, page: str) -> str:
        """One page; where to go on, empty where that was the last."""
        found, onward = await page_of_living(page, limit=_A_PAGE, expired_before=before)
        self._tale.tell(looked_at=self._tale.report.looked_at + len(found))
        to_end = [name for name, view in found.items() if self._is_to_end(name, view)]
        for some in batches(to_end, _AT_ONCE):
            await every(self._end(name) for name in some)
        return onward

    def _is_to_end(self, name: str, view: EnvironmentView | None) -> bool:
        """Whether to tell it; where not although its time is over, the report says why."""
        if view is None:
            self._tale.tell(unasked=self._tale.report.unasked.plus(name))
            return False
        if not is_overdue(view, workflow.now(), after=self._order.after):
            return False
        if (why := keeper(view)) is not None:
            self._tale.tell(kept=self._tale.report.kept.plus(name, why))
            return False
        return True

    async def _end(self, name: str) -> None:
        reason = f"its time has been over for more than {write_duration(self._order.after)}"
        ask = EndEnvironment(environment=name, reason=reason, by=BY, if_expired=True)
        try:
            await call(EnvironmentStoriesPort.end_environment, ask)
        except ReleaseError as error:
            self._tale.tell(untold=self._tale.report.untold.plus(name, str(error)))
            return
        self._tale.tell(ended=self._tale.report.ended.plus(name))
        self._tale.note("end_environment", f"{name} is told to end", outcome="done", detail=reason)
