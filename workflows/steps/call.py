"""The one way a story calls an activity; it keeps the trail of what was done."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    TimeoutError,
    is_cancelled_exception,
)

from workflows.domain.errors import ReleaseError, Unavailable
from workflows.ports.base import Message, Port, limits_of, queue_of
from workflows.steps.shield import raise_if_cancelled
from workflows.steps.trail import Trail

PortT = TypeVar("PortT", bound=Port)
AskT = TypeVar("AskT", bound=Message)
AnswerT = TypeVar("AnswerT")

_WAIT = workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
_LEAVE = workflow.ActivityCancellationType.TRY_CANCEL


async def call(
    method: Callable[[PortT, AskT], AnswerT], ask: AskT, *, trail: Trail | None = None
) -> AnswerT:
    """Run *method* within its port's limits, with *ask* as its summary in the Temporal UI.

    Raises:
        ReleaseError: the very subclass that the activity raised; Unavailable when it ran out
            of time or attempts, whether the world was to blame or a bug behind the port.
        asyncio.CancelledError: an operator cancelled the release.
    """
    limits = limits_of(method)
    raise_if_cancelled()
    try:
        answer = await workflow.execute_activity_method(
            method,
            ask,
            task_queue=queue_of(method),
            start_to_close_timeout=limits.attempt,
            schedule_to_close_timeout=limits.total,
            heartbeat_timeout=limits.heartbeat,
            retry_policy=limits.retry,
            cancellation_type=_WAIT if limits.awaited else _LEAVE,
            summary=str(ask)[:200],
        )
    except ActivityError as error:
        failure = _restored(error, ask)
        if trail is not None and isinstance(failure, ReleaseError):
            trail.note(method.__name__, str(ask), outcome=failure.kind, detail=str(failure))
        raise failure from error
    if trail is not None and limits.recorded:
        trail.note(method.__name__, str(ask), outcome="done", detail=_told(answer))
    raise_if_cancelled()
    return answer


async def try_call(
    method: Callable[[PortT, AskT], object], ask: AskT, *, trail: Trail
) -> str | None:
    """Call *method* where nothing depends on the answer; what went wrong, or None."""
    try:
        await call(method, ask, trail=trail)
    except ReleaseError as error:
        return f"{ask}: {error.kind}: {error}"
    return None


def _told(answer: object) -> str:
    """What an answer says of itself, where its class gave it a sentence."""
    return str(answer) if "__str__" in vars(type(answer)) else ""


def _restored(error: ActivityError, ask: Message) -> BaseException:
    """Turn the wire's failure back into the ReleaseError that was raised."""
    if is_cancelled_exception(error):
        return asyncio.CancelledError()
    cause = error.cause
    if isinstance(cause, TimeoutError):
        return Unavailable(f"{ask}: no answer in time: {_innermost(cause)}")
    if isinstance(cause, ApplicationError) and cause.type in ReleaseError.kinds:
        return ReleaseError.kinds[cause.type](cause.message)
    # A bug behind the port. It was tried until the limits ran out, and the release has to go on
    # to something: like any other ask that was never answered, it turns back.
    return Unavailable(f"{ask}: no answer: {cause}")


def _innermost(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
