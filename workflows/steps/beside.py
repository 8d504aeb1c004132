"""Work that goes on beside a story's steps, for as long as they take."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from temporalio import workflow

from workflows.steps.shield import dropped

T = TypeVar("T")


async def beside(main: Coroutine[Any, Any, T], *companions: Coroutine[Any, Any, None]) -> T:
    """Await *main* while *companions* go on; what any of them raises ends all.

    A companion that ends well is not missed. When *main* ends, or one of them fails, the others
    are cancelled and seen to end, so that nothing runs beside what comes next.

    Raises:
        ReleaseError: what *main* raised, or the first companion in the order of their names.
        asyncio.CancelledError: the story was cancelled.
    """
    working = asyncio.ensure_future(main)
    others = [asyncio.ensure_future(companion) for companion in companions]
    try:
        await workflow.wait_condition(lambda: working.done() or _failed(others) is not None)
    except asyncio.CancelledError:
        await _end(working, *others)
        raise
    if not working.done() and (failed := _failed(others)) is not None:
        await _end(working, *others)
        failed.result()
    await _end(*others)
    return await working


def _failed(tasks: "Sequence[asyncio.Future[None]]") -> "asyncio.Future[None] | None":
    for task in tasks:
        if task.done() and (task.cancelled() or task.exception() is not None):
            return task
    return None


async def _end(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        await dropped(task)
