"""DecisionsPort: the domain's pure rules, run where their answer is recorded."""

from datetime import UTC, datetime

import structlog

from workflows.domain.admission import Admission, admit
from workflows.domain.errors import PolicyViolated
from workflows.domain.facts import Facts
from workflows.domain.recorded import RecordedDecision, too_large
from workflows.domain.rules.engine import RuleEngine
from workflows.ports.decisions import AdmitRelease, DecisionsPort

log = structlog.get_logger(__name__)


class DecisionsActivities(DecisionsPort):
    """Rules by the worker's own code and by nothing that a front door says about itself.

    *engine* evaluates the rules that policies bring in Rego.
    """

    def __init__(self, engine: RuleEngine) -> None:
        self._engine = engine

    def admit_release(self, ask: AdmitRelease) -> Admission:
        # Without facts no rule would be asked, and a release that read none would pass them all.
        facts = ask.facts or Facts(at=datetime.now(UTC))
        admission = admit(ask.order, facts, self._engine)
        kept = RecordedDecision(release="", order=ask.order, facts=facts, admission=admission)
        if (problem := too_large(kept)) is not None:
            raise PolicyViolated(problem)
        log.info(
            "release_admitted",
            decision_digest=admission.decision_digest,
            requested_by=ask.order.requested_by,
            stages=[stage.environment for stage in admission.plan.stages],
            denials=len(admission.denials),
        )
        return admission
