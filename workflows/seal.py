"""Seal the audit record: at the end of every release, by the clock, and nightly in full."""

from temporalio import workflow

from workflows.domain.errors import Diverged
from workflows.domain.values import Value
from workflows.ports.sealing import CheckLog, Sealed, SealingPort, SealRecord
from workflows.steps.call import call


class SealOrder(Value):
    """Why now; *compare* reads the whole record anew, and every checkpoint."""

    why: str = "by the clock"
    compare: bool = False


@workflow.defn
class SealWorkflow:
    """Fails where the record is not what was sealed, so that it is seen and not passed over."""

    @workflow.run
    async def run(self, order: SealOrder) -> Sealed:
        """Put what is recorded under a checkpoint that nobody can take back.

        Raises:
            Diverged: the record is not what was sealed before; nothing is sealed on top of it.
        """
        sealed = await call(SealingPort.seal_record, SealRecord(why=order.why))
        if order.compare and sealed.note is not None:
            report = await call(SealingPort.check_log, CheckLog())
            if report.flaw is not None:
                raise Diverged(f"the audit record is not what was sealed: {report.flaw}")
        return sealed
