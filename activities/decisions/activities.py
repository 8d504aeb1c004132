"""DecisionsPort: the domain's pure rules, run where their answer is recorded."""

import structlog

from workflows.domain.admission import Admission, admit
from workflows.ports.decisions import AdmitRelease, DecisionsPort

log = structlog.get_logger(__name__)


class DecisionsActivities(DecisionsPort):
    """Rules by the worker's own code and by nothing that a front door says about itself."""

    def admit_release(self, ask: AdmitRelease) -> Admission:
        admission = admit(ask.order, ask.facts)
        log.info(
            "release_admitted",
            decision_digest=admission.decision_digest,
            requested_by=ask.order.requested_by,
            stages=[stage.environment for stage in admission.plan.stages],
        )
        return admission
