"""Reading what an admission goes by."""

from temporalio import workflow

from workflows.domain.facts import Facts


async def gather() -> Facts:
    """Read all that the rulings on a release go by, each from where it is known."""
    return Facts(at=workflow.now())
