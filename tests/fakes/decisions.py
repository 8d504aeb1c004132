"""Rulings are pure, so the fake runs the very rules of the domain."""

from workflows.domain.admission import Admission, admit
from workflows.domain.canonical import content_digest
from workflows.domain.errors import Unavailable
from workflows.domain.gates import GateRuling
from workflows.ports.decisions import AdmitRelease, DecisionsPort


class FakeDecisions(DecisionsPort):
    """Adds *gates* to what the documents lead to; what they went by is part of the decision."""

    def __init__(self) -> None:
        self.gates: dict[str, GateRuling] = {}
        self.down = False
        self.asks: list[AdmitRelease] = []

    def admit_release(self, ask: AdmitRelease) -> Admission:
        if self.down:
            raise Unavailable("nobody rules")
        self.asks.append(ask)
        admission = admit(ask.order, ask.facts)
        if not self.gates:
            return admission
        went_by = [[gate.gate, *gate.evidence] for gate in self.gates.values()]
        return admission.model_copy(
            update={
                "gates": (*admission.gates, *self.gates.values()),
                "decision_digest": content_digest([admission.decision_digest, *went_by]),
            }
        )
