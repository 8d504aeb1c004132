"""Staying where one is: while somebody holds the release, for a span, or until told to go on."""

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow

from workflows.domain.release.commands import UNSIGNED, Command
from workflows.domain.release.status import Blocker
from workflows.steps.steering import Steering
from workflows.steps.tale import PromotionTale

ANYONE = ("anyone who may steer the release: lockgate promote, abort or rollback",)


def held_by(steering: Steering) -> Blocker | None:
    """Who holds the release, and what ends it."""
    if (held := steering.held) is None:
        return None
    return Blocker(gate="hold", reason=f"held {held}", can_be_cleared_by=("lockgate resume",))


async def while_held(steering: Steering, tale: PromotionTale) -> None:
    """Wait until nobody holds the release; between steps nothing else is watched."""
    if (blocker := held_by(steering)) is None:
        return
    await tale.hold(blocker)
    await workflow.wait_condition(lambda: steering.held is None)


async def until_told(steering: Steering) -> Command:
    """Wait until somebody says to go on; their word."""
    await workflow.wait_condition(lambda: steering.go_on is not None)
    return steering.take_go_on() or UNSIGNED


async def rest(span: timedelta, summary: str, *, unless: Callable[[], bool]) -> None:
    """A durable timer that ends early once *unless* holds."""
    try:
        await workflow.wait_condition(unless, timeout=span, timeout_summary=summary)
    except TimeoutError:
        return
