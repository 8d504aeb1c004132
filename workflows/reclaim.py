"""Taking down what has our tags and no living story."""

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.domain.environments.census import Tag
from workflows.domain.environments.commands import Ending, Retry, Teardown
from workflows.domain.environments.order import ReclaimOrder, Resumed
from workflows.domain.environments.standing import expect_incomplete, view_of_what_is_left
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.steps.environment_tale import EnvironmentTale
from workflows.steps.shield import to_completion
from workflows.steps.teardown import EnvironmentTeardown


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class ReclaimWorkflow:
    """Remove what a story left that is no more, under the id that its story would have.

    So no environment of the name can begin meanwhile. A cancel does not stop it: half a teardown
    is the one state that nobody wants.
    """

    @workflow.init
    def __init__(self, order: ReclaimOrder) -> None:
        self._order = order
        run, resumed = workflow.info().run_id, order.resumed
        view = resumed.view if resumed is not None else view_of_what_is_left(order, run=run)
        entries = resumed.unrecorded if resumed is not None else ()
        self._tale = EnvironmentTale(view.model_copy(update={"run": run}), entries)
        self._teardown = EnvironmentTeardown(order.provider, order.teardown, self._tale)

    @workflow.run
    async def run(self, order: ReclaimOrder) -> EnvironmentView:
        """Take everything down, unless a hold is tagged on it; the view as it stood in the end."""
        self._tale.begin()
        return await to_completion(self._reclaim(order))

    async def _reclaim(self, order: ReclaimOrder) -> EnvironmentView:
        reason = order.tags.get(Tag.HOLD) or await self._teardown.held()
        if reason is not None:
            self._tale.show(
                phase=EnvironmentPhase.HELD, reason=f"a hold is tagged on it: {reason}"
            )
            self._tale.note("reclaim", order.reason, outcome="held", detail=reason)
        else:
            ending = Ending(by=order.by, reason=order.reason)
            await self._teardown.until_nothing_is_left(ending, resting=self._go_on_elsewhere)
            self._tale.show(phase=EnvironmentPhase.REMOVED)
        await self._tale.close()
        return self._tale.view

    async def _go_on_elsewhere(self) -> None:
        if not workflow.info().is_continue_as_new_suggested():
            return
        await workflow.wait_condition(workflow.all_handlers_finished)
        resumed = Resumed(view=self._tale.view, unrecorded=self._tale.unrecorded)
        workflow.continue_as_new(self._order.model_copy(update={"resumed": resumed}))

    @workflow.update
    def retry(self, said: Retry) -> EnvironmentView:
        """Try again at once to remove what is left."""
        self._tale.note("retry", "try again", outcome="told", detail=said.reason, actor=said.by)
        self._teardown.retry()
        return self._tale.view

    @retry.validator
    def _check_retry(self, said: Retry) -> None:
        expect_incomplete(self._tale.view)

    @workflow.update
    def teardown(self, said: Teardown) -> EnvironmentView:
        """It is under way; where it rests, it goes on."""
        self._tale.note("teardown", "asked", outcome="told", detail=said.reason, actor=said.by)
        self._teardown.retry()
        return self._tale.view

    @workflow.query
    def status(self) -> EnvironmentView:
        return self._tale.view
