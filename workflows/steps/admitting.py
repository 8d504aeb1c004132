"""Having a release ruled on and the ruling kept; what becomes of it where rules deny it."""

from temporalio import workflow

from workflows.domain.admission.admission import Admission
from workflows.domain.admission.facts import Facts
from workflows.domain.admission.recorded import RecordedDecision
from workflows.domain.audit import DECISION
from workflows.domain.errors import PolicyViolated, Unavailable
from workflows.domain.release.order import ReleaseOrder
from workflows.ports.decision_log import DecisionLogPort, RecordDecision
from workflows.ports.decisions import AdmitRelease, DecisionsPort
from workflows.steps.call import call
from workflows.steps.trail import Trail


async def admitted(order: ReleaseOrder, facts: Facts, *, trail: Trail) -> Admission:
    """The ruling that admits *order*; kept, whatever it is.

    Raises:
        PolicyViolated: the documents are not in order, or rules deny the release.
    """
    ask = AdmitRelease(order=order, facts=facts)
    admission = await call(DecisionsPort.admit_release, ask, trail=trail)
    await _keep(order, facts, admission, trail=trail)
    if admission.denials:
        raise _denied(order, admission, trail)
    return admission


async def admitted_still(
    order: ReleaseOrder, facts: Facts, *, before: Admission | None, trail: Trail
) -> Admission:
    """The ruling on an *order* that was admitted *before*; kept where it is another decision.

    Raises:
        PolicyViolated: it would not be admitted any more.
        Unavailable: rules go by what cannot be read just now, and nothing else denies it.
    """
    admission = await call(DecisionsPort.admit_release, AdmitRelease(order=order, facts=facts))
    if admission.denials and admission.lacks_facts_alone:
        raise Unavailable("\n".join(admission.denials))
    if before is None or admission.decision_digest != before.decision_digest:
        await _keep(order, facts, admission, trail=trail)
    if admission.denials:
        raise _denied(order, admission, trail)
    return admission


async def _keep(order: ReleaseOrder, facts: Facts, admission: Admission, *, trail: Trail) -> None:
    decision = RecordedDecision(
        release=workflow.info().workflow_id, order=order, facts=facts, admission=admission
    )
    kept = await call(DecisionLogPort.record_decision, RecordDecision(decision=decision))
    # The record names the ruling by its content, so that neither can be changed without the other.
    trail.note(
        DECISION,
        str(RecordDecision(decision=decision)),
        outcome=decision.verdict,
        detail=kept.digest,
    )


def _denied(order: ReleaseOrder, admission: Admission, trail: Trail) -> PolicyViolated:
    reasons = "\n".join(admission.denials)
    trail.note("policy", f"rules on {order.name}", outcome="denied", detail=reasons)
    return PolicyViolated(reasons)
