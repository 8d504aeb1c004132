"""DecisionsPort: the domain's pure rules, run where their answer is recorded."""

import structlog

from workflows.domain.admission import admit
from workflows.ports.decisions import Admission, AdmitRelease, DecisionsPort

log = structlog.get_logger(__name__)


class DecisionsActivities(DecisionsPort):
    """Rules by the worker's own code and by nothing that a front door says about itself."""

    def admit_release(self, ask: AdmitRelease) -> Admission:
        plan, decision_digest = admit(ask.order)
        log.info(
            "release_admitted",
            decision_digest=decision_digest,
            requested_by=ask.order.requested_by,
            stages=[stage.environment for stage in plan.stages],
        )
        return Admission(plan=plan, decision_digest=decision_digest)
