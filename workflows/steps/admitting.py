"""The ruling on a release: what it goes by, the ruling itself, and what becomes of a denial."""

from workflows.domain.admission import Admission
from workflows.domain.errors import PolicyViolated
from workflows.domain.order import ReleaseOrder
from workflows.ports.decisions import AdmitRelease, DecisionsPort
from workflows.steps.call import call
from workflows.steps.facts import gather
from workflows.steps.trail import Trail


async def admitted(order: ReleaseOrder, trail: Trail) -> Admission:
    """Read the facts and have *order* ruled on.

    Raises:
        PolicyViolated: the documents are not in order, or rules of a policy deny the release.
    """
    ask = AdmitRelease(order=order, facts=await gather())
    admission = await call(DecisionsPort.admit_release, ask, trail=trail)
    if admission.denials:
        reasons = "\n".join(admission.denials)
        trail.note("policy", f"rules on {order.name}", outcome="denied", detail=reasons)
        raise PolicyViolated(reasons)
    return admission
