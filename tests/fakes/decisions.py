"""Rulings are pure, so the fake runs the very rules of the domain."""

from workflows.domain.admission import admit
from workflows.ports.decisions import Admission, AdmitRelease, DecisionsPort


class FakeDecisions(DecisionsPort):
    def admit_release(self, ask: AdmitRelease) -> Admission:
        plan, digest = admit(ask.order)
        return Admission(plan=plan, decision_digest=digest)
