"""Compare what stands with the templates that it was made from, and tell each how it differs."""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.domain.environments.drift import Drift
from workflows.domain.environments.lease import lives
from workflows.domain.environments.sweeping import DriftCheckOrder, DriftReport
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import ReleaseError, TargetMissing
from workflows.domain.names import environment_id
from workflows.environment import EnvironmentWorkflow
from workflows.ports.environments import EnvironmentsPort, ReadDrift
from workflows.steps.call import call
from workflows.steps.fanout import every
from workflows.steps.living import page_of_living
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
        self._tale = SweepTale(order.so_far or DriftReport())

    @workflow.run
    async def run(self, order: DriftCheckOrder) -> DriftReport:
        """Compare all that stand, page by page."""
        page, looked = order.page, 0
        while page := await self._look_through(page):
            looked += 1
            if long_enough(looked, order.pages):
                await self._tale.close()
                onwards = {"page": page, "so_far": self._tale.report}
                workflow.continue_as_new(order.model_copy(update=onwards))
        await self._tale.close()
        return self._tale.report

    async def _look_through(self, page: str) -> str:
        """One page; where to go on, empty where that was the last."""
        found, onward = await page_of_living(page, limit=_A_PAGE)
        self._tale.tell(looked_at=self._tale.report.looked_at + len(found))
        for some in batches(found, _AT_ONCE):
            await every(self._compare(name, found[name]) for name in some)
        return onward

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
            await self._pass_on(name, Drift.of_nothing(name))
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
            self._tale.tell(as_its_template=self._tale.report.as_its_template + 1)

    async def _pass_on(self, name: str, drift: Drift) -> None:
        """Tell the environment, which shows it; one that has ended meanwhile needs no word."""
        story = workflow.get_external_workflow_handle_for(
            EnvironmentWorkflow.run, environment_id(name)
        )
        with suppress(FailureError):
            await outlasting(story.signal(EnvironmentWorkflow.drift_found, drift.bounded()))

    def _drifted(self, name: str, how: str) -> None:
        self._tale.tell(drifted=self._tale.report.drifted.plus(name, how))
        self._tale.note("drift", f"{name} has drifted", outcome="found", detail=how)

    def _unknown(self, name: str, why: str) -> None:
        self._tale.tell(unknown=self._tale.report.unknown.plus(name, why))
