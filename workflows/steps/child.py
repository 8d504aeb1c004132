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
from workflows.steps.shield import raise_if_cancelled
from workflows.steps.steering import Steering


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


def raise_if_stopped(steering: Steering) -> None:
    """Surface a cancel, or a word to stop, that came while a child ended well.

    The SDK loses a cancel that comes in the same workflow task as the child's completion
    (sdk-python issue 352), or while the child was being started.
    """
    raise_if_cancelled()
    if workflow.cancellation_reason() is not None:
        raise asyncio.CancelledError
    if steering.stop is not None:
        raise steering.stop
