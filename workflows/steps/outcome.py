"""Filing how a release ended."""

from temporalio import workflow

from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.outcomes import EndedRelease, Profile
from workflows.domain.release.phase import Phase
from workflows.ports.outcomes import OutcomesPort, RecordOutcome
from workflows.steps.call import try_call
from workflows.steps.trail import Trail


def ended_now(
    order: ReleaseOrder, profile: Profile, phase: Phase, *, touched: bool
) -> EndedRelease:
    """The end of this run, if it were now."""
    info = workflow.info()
    return EndedRelease(
        release=info.workflow_id,
        run=info.run_id,
        requested_by=order.requested_by,
        ended_at=workflow.now(),
        phase=phase,
        touched=touched,
        profile=profile,
    )


async def file_outcome(
    order: ReleaseOrder, profile: Profile | None, phase: Phase, *, touched: bool, trail: Trail
) -> str | None:
    """File the end, so that later releases can be judged by it; what is missing, or None.

    A release that was never admitted has no *profile*, and says nothing of any other.
    """
    if profile is None:
        return None
    ended = ended_now(order, profile, phase, touched=touched)
    return await try_call(OutcomesPort.record_outcome, RecordOutcome(ended=ended), trail=trail)
