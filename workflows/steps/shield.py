"""Work that must end before a cancel may stop anything."""

import asyncio
from collections.abc import Coroutine
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
