"""Put back what can be put back; name the rest and stay until people have settled it."""

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.domain.errors import ReleaseError
from workflows.domain.names import ROLLBACK_PROGRESSED, Attribute
from workflows.domain.release.commands import UNSIGNED, Command
from workflows.domain.release.page import rollback_page
from workflows.domain.release.phase import Phase
from workflows.domain.release.promotion import RollbackOrder
from workflows.domain.release.status import RollbackView
from workflows.domain.release.undo import Undone
from workflows.ports.secrets import RevokeLeases, SecretsPort
from workflows.steps.attributes import keyword
from workflows.steps.call import try_call
from workflows.steps.gone import gone
from workflows.steps.record import Recorder
from workflows.steps.saga import Saga
from workflows.steps.shield import to_completion
from workflows.steps.trail import Trail


@workflow.defn
class RollbackWorkflow:
    """Undo newest first; what cannot be undone waits for `retry` or `confirmRepaired`.

    It outlives the release that began it, and a cancel does not stop it: half a rollback is the
    one state that nobody wants.
    """

    @workflow.init
    def __init__(self, order: RollbackOrder) -> None:
        self._order = order
        self._saga = Saga(order.undos)
        self._trail = Trail(f"rollback-{workflow.info().run_id}")
        self._recorder = Recorder(order.release, self._trail)
        self._view = RollbackView(safe=True, until="everything is put back")
        self._retry: Command | None = None
        self._repaired: Command | None = None

    @workflow.run
    async def run(self, order: RollbackOrder) -> RollbackView:
        """Put everything back, or have a person confirm that they did; the view at the end."""
        await to_completion(self._put_back())
        await to_completion(workflow.wait_condition(workflow.all_handlers_finished))
        return self._view

    async def _put_back(self) -> None:
        await self._show(Phase.ROLLING_BACK)
        await self._undo()
        while self._saga.undos and self._repaired is None:
            await self._show(Phase.ROLLBACK_INCOMPLETE)
            await workflow.wait_condition(lambda: bool(self._retry or self._repaired))
            if self._repaired is None:
                self._told("retry", self._retry)
                self._retry = None
                await self._undo()
        if self._repaired is not None:
            self._told("confirmRepaired", self._repaired)
            self._saga.accept()
            if self._saga.undos:
                await self._undo()
        await self._close_the_books()
        await self._show(Phase.ROLLED_BACK)

    async def _close_the_books(self) -> None:
        """Everything is back already: what fails here must not have it put back once more."""
        revoke = RevokeLeases(release=self._order.release)
        if (
            left := await try_call(SecretsPort.revoke_leases, revoke, trail=self._trail)
        ) is not None:
            workflow.logger.warning("leases_not_revoked", extra={"problem": left})
        try:
            await self._recorder.finish()
        except ReleaseError as error:
            workflow.logger.warning("rollback_not_recorded", extra={"problem": str(error)})

    async def _undo(self) -> None:
        """Look at the world and undo what is still wrong; what is right already stays."""
        outcomes = await self._saga.compensate(self._trail, gone=await gone(self._saga))
        latest: dict[tuple[str, str], Undone] = {
            (done.undo.subject, done.undo.sentence): done
            for done in (*self._view.undone, *outcomes)
        }
        self._view = self._view.model_copy(update={"undone": tuple(latest.values())})
        self._recorder.begin()

    def _told(self, word: str, command: Command | None) -> None:
        if command is not None:
            self._trail.note(
                word, f"{word} {command}", outcome="told", detail=command.reason, actor=command.by
            )

    async def _show(self, phase: Phase) -> None:
        """Say where the rollback stands: in the UI, in a search, and to the release above it."""
        keyword(Attribute.PHASE, phase)
        workflow.set_current_details(rollback_page(self._order.reason, phase, self._view))
        if (parent := workflow.info().parent) is None:
            return
        handle = workflow.get_external_workflow_handle(parent.workflow_id)
        try:
            await handle.signal(ROLLBACK_PROGRESSED, self._view)
        except FailureError:
            workflow.logger.warning("release_is_gone", extra={"release": self._order.release})

    @workflow.signal
    def retry(self, command: Command = UNSIGNED) -> None:
        """Observe the world again and undo what is still wrong."""
        self._retry = command

    @workflow.signal(name="confirmRepaired")
    def confirm_repaired(self, command: Command = UNSIGNED) -> None:
        """A person put the rest back, or accepts it as it is."""
        self._repaired = command

    @workflow.query
    def status(self) -> RollbackView:
        return self._view
