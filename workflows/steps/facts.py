"""Reading what an admission goes by."""

from temporalio import workflow

from workflows.domain.facts import Facts
from workflows.domain.order import ReleaseOrder
from workflows.domain.reviews import Reviews
from workflows.domain.runbooks import named_runbooks
from workflows.ports.reviews import ReadReviews, ReviewsPort
from workflows.steps.call import call


async def gather(order: ReleaseOrder) -> Facts:
    """Read all that the rulings on *order* go by, each from where it is known.

    Raises:
        Unavailable: one of them could not be read within the limits of its port.
    """
    return Facts(at=workflow.now(), reviews=await _reviews(order))


async def _reviews(order: ReleaseOrder) -> Reviews | None:
    """What was said of the runbooks that *order* names; nothing is read where it names none."""
    if not (names := named_runbooks(order)):
        return None
    return await call(ReviewsPort.read_reviews, ReadReviews(runbooks=names))
