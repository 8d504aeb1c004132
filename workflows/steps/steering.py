"""What people told a release that is under way, and work that stops when they say stop."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from temporalio import workflow

from workflows.domain.errors import ReleaseError
from workflows.domain.release.commands import Command
from workflows.steps.shield import dropped

T = TypeVar("T")


class Steering:
    """Held or not, told to go on, told to stop; the first reason to stop stands."""

    def __init__(self, *, held: Command | None = None) -> None:
        self.held = held
        self.go_on: Command | None = None
        self.stop: ReleaseError | None = None

    def halt(self, reason: ReleaseError) -> None:
        if self.stop is None:
            self.stop = reason

    def take_go_on(self) -> Command | None:
        """The word to go on, once."""
        told, self.go_on = self.go_on, None
        return told

    async def unless_stopped(self, work: Awaitable[T]) -> T:
        """Await *work*; when told to stop meanwhile, cancel it, see it end, and raise the reason.

        Raises:
            ReleaseError: the reason to stop, or what *work* raised.
            asyncio.CancelledError: the story itself was cancelled.
        """
        task = asyncio.ensure_future(work)
        try:
            await workflow.wait_condition(lambda: task.done() or self.stop is not None)
        except asyncio.CancelledError:
            await dropped(task)
            raise
        if self.stop is not None:
            await dropped(task)
            raise self.stop
        return await task
