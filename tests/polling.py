"""Running a worker for the length of a test."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.worker import Worker

_LAST_WORDS = 10.0
"""Seconds for a worker to end that is told to; it needs less than one."""


@asynccontextmanager
async def polling(worker: Worker) -> AsyncIterator[None]:
    """Run *worker* until the end of the block.

    The last step of its shutdown is native code of the SDK (1.35), which now and then never
    returns though nothing is left to do. Such a worker is left behind, idle, as `workers.fleet`
    leaves it.
    """
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        ended, late = await asyncio.wait(
            [running, asyncio.create_task(worker.shutdown())], timeout=_LAST_WORDS
        )
        for task in ended:
            task.result()
        if late:
            logging.getLogger(__name__).warning("a worker was left behind: it did not end")
