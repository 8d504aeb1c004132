"""Cancels: work that none may tear apart, and work that none may be lost in."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from temporalio.exceptions import FailureError

from workflows.domain.errors import ReleaseError

T = TypeVar("T")


async def to_completion(work: Coroutine[Any, Any, T]) -> T:
    """Await *work* to its end even when a cancel arrives meanwhile; the cancel is dropped.

    A compensation that a cancel tears apart would leave the next undo running beside the one
    that was abandoned. Temporal delivers a cancel once, so one that is caught here is gone: the
    story is turning back already, which is all that a cancel asks for.
    """
    inner = asyncio.ensure_future(work)
    while not inner.done():
        try:
            await asyncio.shield(inner)
        except asyncio.CancelledError:
            if inner.cancelled():
                raise
        except (FailureError, ReleaseError):
            break
    return inner.result()


async def hearing(work: Coroutine[Any, Any, T], cancelled: Callable[[], None]) -> T:
    """Await *work* to its end; a cancel is told to *cancelled*, as a word among others.

    For a story that a cancel does not end but asks to end, in its own time and order.
    """
    inner = asyncio.ensure_future(work)
    while True:
        try:
            return await asyncio.shield(inner)
        except asyncio.CancelledError:
            if inner.cancelled():
                raise
            cancelled()


def raise_if_cancelled() -> None:
    """Surface a cancel that came while something was under way that then ended well.

    The SDK passes a cancel on to the activity or child that a task waits for. Where that ends
    well all the same, the task goes on as if nobody had said anything; its counter remembers.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def outlasting(work: Coroutine[Any, Any, T]) -> T:
    """Await *work* in a task of its own, and raise the cancel that came meanwhile.

    For what the SDK awaits in the task that asks, where it clears the counter as well. A signal
    that is cancelled before it has left the story fails of it, in words of its own: whoever
    expects a failure would take the cancel for one, and go on.
    """
    try:
        answer = await asyncio.ensure_future(work)
    except FailureError:
        raise_if_cancelled()
        raise
    raise_if_cancelled()
    return answer


async def dropped(task: "asyncio.Future[T]") -> None:
    """Cancel *task* and see it end, so that nothing runs beside what comes next."""
    task.cancel()
    with suppress(asyncio.CancelledError, ReleaseError):
        await task
