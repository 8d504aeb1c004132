"""End the environments whose time is long over: the net below each environment's own timer."""

from datetime import datetime
from typing import Any

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
    FindEnvironments,
    ReadEnvironments,
)
from workflows.steps.call import call
from workflows.steps.fanout import every
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
        self._report = order.so_far or ExpiredReport()
        self._tale = SweepTale()

    @workflow.run
    async def run(self, order: ExpiredSweepOrder) -> ExpiredReport:
        """Look at all whose time is over, page by page, and end those that nothing keeps."""
        before, page, looked = order.before or workflow.now() - order.after, order.page, 0
        while page := await self._look_through(before, page):
            looked += 1
            if long_enough(looked, order.pages):
                await self._tale.close(self._report)
                onwards = {"before": before, "page": page, "so_far": self._report}
                workflow.continue_as_new(order.model_copy(update=onwards))
        await self._tale.close(self._report)
        return self._report

    async def _look_through(self, before: datetime, page: str) -> str:
        """One page; where to go on, empty where that was the last."""
        ask = FindEnvironments(limit=_A_PAGE, expired_before=before, page=page)
        found = await call(EnvironmentStoriesPort.find_environments, ask)
        if found.names:
            asked = ReadEnvironments(names=found.names, brief=True)
            living = (await call(EnvironmentStoriesPort.read_environments, asked)).environments
            self._tell(looked_at=self._report.looked_at + len(living))
            to_end = [name for name, view in living.items() if self._is_to_end(name, view)]
            for some in batches(to_end, _AT_ONCE):
                await every(self._end(name) for name in some)
        return found.page

    def _is_to_end(self, name: str, view: EnvironmentView | None) -> bool:
        """Whether to tell it; where not although its time is over, the report says why."""
        if view is None:
            self._tell(unasked=self._report.unasked.plus(name))
            return False
        if not is_overdue(view, workflow.now(), after=self._order.after):
            return False
        if (why := keeper(view)) is not None:
            self._tell(kept=self._report.kept.plus(name, why))
            return False
        return True

    async def _end(self, name: str) -> None:
        reason = f"its time has been over for more than {write_duration(self._order.after)}"
        ask = EndEnvironment(environment=name, reason=reason, by=BY, if_expired=True)
        try:
            await call(EnvironmentStoriesPort.end_environment, ask)
        except ReleaseError as error:
            self._tell(untold=self._report.untold.plus(name, str(error)))
            return
        self._tell(ended=self._report.ended.plus(name))
        self._tale.note("end_environment", f"{name} is told to end", outcome="done", detail=reason)

    def _tell(self, **changes: Any) -> None:
        self._report = self._report.model_copy(update=changes)
