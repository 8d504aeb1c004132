"""DecisionsPort: the domain's pure rules, run where their answer is recorded."""

from datetime import UTC, datetime

import structlog

from activities.decisions.trusted import TrustedCatalogs
from workflows.domain.admission.admission import Admission, admit
from workflows.domain.admission.facts import Facts
from workflows.domain.admission.recorded import RecordedDecision, too_large
from workflows.domain.errors import PolicyViolated
from workflows.domain.rules.engine import RuleEngine
from workflows.ports.decisions import AdmitRelease, DecisionsPort

log = structlog.get_logger(__name__)


class DecisionsActivities(DecisionsPort):
    """Rules by the worker's own code and by nothing that a front door says about itself.

    *engine* evaluates the rules that policies bring in Rego; *trusted* says which catalogs may be
    ruled by, None that all may.
    """

    def __init__(self, engine: RuleEngine, *, trusted: TrustedCatalogs | None = None) -> None:
        self._engine = engine
        self._trusted = trusted

    def admit_release(self, ask: AdmitRelease) -> Admission:
        # Without facts no rule would be asked, and a release that read none would pass them all.
        facts = ask.facts or Facts(at=datetime.now(UTC))
        # The digest is what the order claims; that its catalog has it, the ruling sees to.
        if self._trusted is not None:
            self._trusted.check(ask.order.catalog_digest)
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
