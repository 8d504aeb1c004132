"""Rulings are pure, so the fake runs the very rules of the domain."""

from infra.rego.process import RegoProcess
from workflows.domain.admission import Admission, admit
from workflows.ports.decisions import AdmitRelease, DecisionsPort


class FakeDecisions(DecisionsPort):
    def admit_release(self, ask: AdmitRelease) -> Admission:
        return admit(ask.order, ask.facts, RegoProcess())
