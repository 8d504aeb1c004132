"""Asking a worker one thing: an activity without a workflow, for a person at a keyboard."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from temporalio.client import ActivityFailureError, Client
from temporalio.exceptions import ApplicationError

from starters.failures import NobodyAnswers
from workflows.domain.errors import ReleaseError
from workflows.ports.base import Message, Port, limits_of, queue_of

PATIENCE = timedelta(seconds=20)
"""For a person at a keyboard; a port's own limit is for stories that can wait."""

PortT = TypeVar("PortT", bound=Port)
AskT = TypeVar("AskT", bound=Message)
AnswerT = TypeVar("AnswerT")


async def asked(
    client: Client,
    method: Callable[[PortT, AskT], AnswerT],
    ask: AskT,
    *,
    about: str,
    patience: timedelta = PATIENCE,
) -> AnswerT:
    """The answer of *method*; *about* names what the question is of, in the activity's id.

    A front door holds no credential: a worker that does answers for it.

    Raises:
        ReleaseError: what the activity raised of it, as itself.
        NobodyAnswers: no worker serves the queue within *patience*, or what it asks is down.
    """
    queue = queue_of(method)
    try:
        return await client.execute_activity_method(
            method,
            args=[ask],
            id=f"{about}/{uuid.uuid4()}",
            task_queue=queue,
            start_to_close_timeout=limits_of(method).attempt,
            schedule_to_close_timeout=patience,
            summary=str(ask)[:200],
        )
    except ActivityFailureError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type in ReleaseError.kinds:
            kind = ReleaseError.kinds[cause.type]
            if cause.non_retryable:
                raise kind(cause.message) from error
        raise NobodyAnswers(
            f"{ask}: no answer within {patience.total_seconds():.0f} s: {_innermost(error)}; "
            f"is a worker of the queue `{queue}` running? `lockgate doctor`"
        ) from error


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
