"""What a story that goes over all environments tells: its page, and its part of the record."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Generic, TypeVar

from temporalio import workflow

from workflows.domain.environments.sweeping import BY, Named
from workflows.domain.values import View
from workflows.steps.record import Recorder
from workflows.steps.shield import dropped
from workflows.steps.trail import Trail

CHAIN = "environments"
"""The chain of what is done to environments by the clock, whichever they are."""

_PATIENCE = timedelta(minutes=10)
"""A ledger that is down for longer must not keep the next sweep from starting."""

ReportT = TypeVar("ReportT", bound=View)


class SweepTale(Generic[ReportT]):
    """Notes what is done, and records it before the story ends or goes on as a new run."""

    def __init__(self, report: ReportT) -> None:
        """Go on with *report*, which the runs before this one began."""
        self.report = report
        self._trail = Trail(f"{workflow.info().workflow_id}-{workflow.info().run_id}")
        self._recorder = Recorder(CHAIN, self._trail)

    def tell(self, **changes: Any) -> None:
        """Change the report; it is shown once the run closes."""
        self.report = self.report.model_copy(update=changes)

    def note(self, action: str, sentence: str, *, outcome: str, detail: str = "") -> None:
        self._trail.note(action, sentence, outcome=outcome, detail=detail, actor=BY)

    async def close(self) -> None:
        """Show the report, and record what was noted, if the ledger takes it in time."""
        workflow.set_current_details(_page(self.report))
        if not self._trail.unwritten:
            return
        writing = asyncio.ensure_future(self._recorder.try_finish())
        try:
            await workflow.wait_condition(writing.done, timeout=_PATIENCE)
        except TimeoutError:
            await dropped(writing)
            missing: str | None = f"the ledger took nothing for {_PATIENCE}"
        else:
            missing = writing.result()
        if missing is not None:
            workflow.logger.warning("sweep_not_recorded", extra={"problem": missing})


def long_enough(looked: int, pages: int) -> bool:
    """Whether the rest is for a new run, so that no history holds all of a large account."""
    return looked >= pages or workflow.info().is_continue_as_new_suggested()


def _page(report: View) -> str:
    """The report in Markdown, as the Temporal UI shows it."""
    lines = []
    for field, value in report:
        said = f"{value.count}: {value}" if isinstance(value, Named) and value.count else value
        lines.append(f"- {field.replace('_', ' ')}: {said or 'none'}")
    return "\n".join(lines)[:15_000]


def batches(names: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    """*names* in order, so many at a time."""
    listed = sorted(names)
    for at in range(0, len(listed), size):
        yield listed[at : at + size]
