"""Reading what an admission goes by."""

from temporalio import workflow

from workflows.domain.calendar.reach import feeds_asked
from workflows.domain.facts import Facts
from workflows.domain.order import ReleaseOrder
from workflows.steps.calendar import read_calendar


async def gather(order: ReleaseOrder) -> Facts:
    """Read all that the rulings on *order* go by, each from where it is known."""
    calendar = await read_calendar(feeds_asked(order.catalog))
    return Facts(at=workflow.now(), calendar=calendar)
