"""Staying where one is for as long as somebody holds the release."""

from temporalio import workflow

from workflows.domain.status import Blocker
from workflows.steps.steering import Steering
from workflows.steps.tale import PromotionTale


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
