"""Reading what an admission goes by."""

from temporalio import workflow

from workflows.domain.facts import Facts
from workflows.domain.order import ReleaseOrder
from workflows.steps.risk_facts import gather_risk


async def gather(order: ReleaseOrder) -> Facts:
    """Read all that the rulings on *order* go by, each from where it is known.

    Raises:
        ReleaseError: something could not be read within the limits of its port.
    """
    risk = await gather_risk(order, {})
    return Facts(
        at=workflow.now(), change=risk.change, on_call=risk.on_call, standing=risk.standing
    )
