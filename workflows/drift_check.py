"""Compare what stands with the templates that it was made from, and tell each how it differs."""

from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.domain.environments.drift import Drift
from workflows.domain.environments.lease import lives
from workflows.domain.environments.sweeping import DriftCheckOrder, DriftReport
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import ReleaseError, TargetMissing
from workflows.domain.names import environment_id
from workflows.environment import EnvironmentWorkflow
from workflows.ports.environment_stories import (
    EnvironmentStoriesPort,
    FindEnvironments,
    ReadEnvironments,
)
from workflows.ports.environments import EnvironmentsPort, ReadDrift
from workflows.steps.call import call
from workflows.steps.fanout import every
from workflows.steps.shield import outlasting
from workflows.steps.sweep_tale import SweepTale, batches, long_enough

_A_PAGE = 50
_AT_ONCE = 4
"""The provider compares for minutes, and is asked by others too."""


@workflow.defn
class DriftCheckWorkflow:
    """Drift changes nothing by itself: it is recorded, and shown where the environment is.

    What could not be compared is named as that, and never taken for what agrees.
    """

    @workflow.init
    def __init__(self, order: DriftCheckOrder) -> None:
        self._report = order.so_far or DriftReport()
        self._tale = SweepTale()

    @workflow.run
    async def run(self, order: DriftCheckOrder) -> DriftReport:
        """Compare all that stand, page by page."""
        page, looked = order.page, 0
        while page := await self._look_through(page):
            looked += 1
            if long_enough(looked, order.pages):
                await self._tale.close(self._report)
                onwards = {"page": page, "so_far": self._report}
                workflow.continue_as_new(order.model_copy(update=onwards))
        await self._tale.close(self._report)
        return self._report

    async def _look_through(self, page: str) -> str:
        """One page; where to go on, empty where that was the last."""
        ask = FindEnvironments(limit=_A_PAGE, page=page)
        found = await call(EnvironmentStoriesPort.find_environments, ask)
        if found.names:
            asked = ReadEnvironments(names=found.names, brief=True)
            living = (await call(EnvironmentStoriesPort.read_environments, asked)).environments
            self._tell(looked_at=self._report.looked_at + len(living))
            for some in batches(living, _AT_ONCE):
                await every(self._compare(name, living[name]) for name in some)
        return found.page

    async def _compare(self, name: str, view: EnvironmentView | None) -> None:
        if view is None or view.provider is None:
            self._unknown(name, "its story did not say where it is made")
            return
        if not lives(view):
            return
        ask = ReadDrift(environment=name, provider=view.provider, digest=view.digest)
        try:
            drift = await call(EnvironmentsPort.read_drift, ask)
        except TargetMissing:
            self._drifted(name, "its stack is gone")
        except ReleaseError as error:
            self._unknown(name, f"{error.kind}: {error}")
        else:
            self._account(name, drift)
            await self._pass_on(name, drift)

    def _account(self, name: str, drift: Drift) -> None:
        if drift.found:
            self._drifted(name, str(drift))
        elif drift.unknown:
            self._unknown(name, str(drift))
        else:
            self._tell(as_its_template=self._report.as_its_template + 1)

    async def _pass_on(self, name: str, drift: Drift) -> None:
        """Tell the environment, which shows it; one that has ended meanwhile needs no word."""
        story = workflow.get_external_workflow_handle_for(
            EnvironmentWorkflow.run, environment_id(name)
        )
        with suppress(FailureError):
            await outlasting(story.signal(EnvironmentWorkflow.drift_found, drift.bounded()))

    def _drifted(self, name: str, how: str) -> None:
        self._tell(drifted=self._report.drifted.plus(name, how))
        self._tale.note("drift", f"{name} has drifted", outcome="found", detail=how)

    def _unknown(self, name: str, why: str) -> None:
        self._tell(unknown=self._report.unknown.plus(name, why))

    def _tell(self, **changes: Any) -> None:
        self._report = self._report.model_copy(update=changes)
