"""Find releases that were ended from outside, and put back what each of them left."""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows.domain.durations import WrittenSpan
from workflows.domain.errors import ReleaseError
from workflows.domain.names import rollback_id
from workflows.domain.release.promotion import RollbackOrder
from workflows.domain.values import Value
from workflows.ports.outcomes import OutcomesPort, RecordOutcome
from workflows.ports.releases import Abandoned, FindAbandoned, ReleasesPort
from workflows.rollback import RollbackWorkflow
from workflows.steps.call import call


class SweepOrder(Value):
    """How far back to look."""

    within: WrittenSpan = timedelta(days=7)


class SweepReport(Value):
    """The releases for which a rollback was started."""

    releases: tuple[str, ...] = ()


@workflow.defn
class SweepWorkflow:
    """Terminate and crash run no code of a story; this runs it afterwards."""

    @workflow.run
    async def run(self, order: SweepOrder) -> SweepReport:
        """Start one rollback for each abandoned release; it lives on by itself."""
        found = await call(ReleasesPort.find_abandoned, FindAbandoned(within=order.within))
        begun = [release.release for release in found.releases if await self._unwind(release)]
        for release in found.releases:
            await self._file(release)
        return SweepReport(releases=tuple(begun))

    async def _file(self, abandoned: Abandoned) -> None:
        """File it as what it is: whoever ends a release from outside hides no failure."""
        if abandoned.ended is not None:
            with suppress(ReleaseError):  # the next sweep asks again
                await call(OutcomesPort.record_outcome, RecordOutcome(ended=abandoned.ended))

    async def _unwind(self, abandoned: Abandoned) -> bool:
        """Start the rollback; False when another sweep or an operator was faster."""
        try:
            await workflow.start_child_workflow(
                RollbackWorkflow.run,
                RollbackOrder(
                    release=abandoned.release,
                    undos=abandoned.undos,
                    reason="the release was ended from outside",
                ),
                id=rollback_id(abandoned.release),
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary=f"sweep {abandoned.release}",
            )
        except WorkflowAlreadyStartedError:
            return False
        return True
