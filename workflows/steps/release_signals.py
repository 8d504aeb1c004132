"""How an environment tells the release that it is made for where it stands."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.names import ENVIRONMENT_PROGRESSED
from workflows.steps.environment_tale import EnvironmentTale


class ReleaseSignals:
    """Each new phase is told, for as long as the release lives; a new run goes on where it was."""

    def __init__(self, order: EnvironmentOrder, tale: EnvironmentTale) -> None:
        self._release = order.release
        self._tale = tale
        resumed = order.resumed
        self._told = resumed.view.phase if resumed is not None else EnvironmentPhase.CREATING

    async def keep_up(self) -> None:
        """Tell whatever is new; never ends by itself where there is a release."""
        if self._release is None:
            return
        while True:
            await workflow.wait_condition(lambda: self._tale.view.phase != self._told)
            self._told = self._tale.view.phase
            # A cancel would take back a signal that has not left yet: the last phase is told, too.
            await asyncio.shield(asyncio.ensure_future(self._tell(self._release)))

    async def _tell(self, release: str) -> None:
        view = self._tale.view.model_copy(update={"removal": None, "drift": None})
        handle = workflow.get_external_workflow_handle(release)
        try:
            await handle.signal(ENVIRONMENT_PROGRESSED, view)
        except FailureError:
            workflow.logger.info("release_is_gone", extra={"release": release})
