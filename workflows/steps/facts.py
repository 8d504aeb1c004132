"""Reading what an admission goes by."""

from temporalio import workflow

from workflows.domain.facts import Facts
from workflows.domain.identity import Proven


async def gather(trigger: Proven | None) -> Facts:
    """Read all that the rulings on a release go by, each from where it is known.

    Who asked for it, *trigger*, was proven at its start: a token is of no use any more later.
    """
    return Facts(at=workflow.now(), trigger=trigger)
