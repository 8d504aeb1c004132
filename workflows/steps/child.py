"""Running a story inside a story: its errors come back as themselves, a cancel is never lost."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import (
    ApplicationError,
    ChildWorkflowError,
    TerminatedError,
    is_cancelled_exception,
)

from workflows.domain.errors import ReleaseError, Stopped


def restored(error: ChildWorkflowError) -> BaseException:
    """Turn a child's failure back into the ReleaseError that ended it; Stopped for any other."""
    if is_cancelled_exception(error):
        return asyncio.CancelledError()
    cause = error.cause
    if isinstance(cause, TerminatedError):
        return Stopped(f"{error.workflow_id} was terminated")
    if isinstance(cause, ApplicationError) and cause.type in ReleaseError.kinds:
        return ReleaseError.kinds[cause.type](cause.message)
    return Stopped(f"{error.workflow_id} ended: {cause}")


def raise_if_cancelled() -> None:
    """Surface a cancel that came in the same workflow task as a child's completion.

    The SDK loses it otherwise (sdk-python issue 352).
    """
    if workflow.cancellation_reason() is not None:
        raise asyncio.CancelledError
