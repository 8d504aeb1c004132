"""Rulings are pure, so the fake runs the very rules of the domain."""

from infra.rego.process import RegoProcess
from workflows.domain.admission.admission import Admission, admit
from workflows.domain.canonical import content_digest
from workflows.domain.gates.gates import GateRuling
from workflows.domain.rules.finding import Effect, Finding
from workflows.ports.decisions import AdmitRelease, DecisionsPort


class FakeDecisions(DecisionsPort):
    """Adds *gates* to what the documents lead to; what they went by is part of the decision."""

    def __init__(self) -> None:
        self.gates: dict[str, GateRuling] = {}
        self.lacking = ""
        """A fact that rules go by and nobody knows."""
        self.denied = ""
        self.asks: list[AdmitRelease] = []

    def admit_release(self, ask: AdmitRelease) -> Admission:
        self.asks.append(ask)
        admission = admit(ask.order, ask.facts, RegoProcess())
        if self.lacking or self.denied:
            return admission.model_copy(update={"findings": (self._denial,)})
        if not self.gates:
            return admission
        went_by = [[gate.gate, *gate.evidence] for gate in self.gates.values()]
        return admission.model_copy(
            update={
                "gates": (*admission.gates, *self.gates.values()),
                "decision_digest": content_digest([admission.decision_digest, *went_by]),
            }
        )

    @property
    def _denial(self) -> Finding:
        return Finding(
            environment="production",
            policy="guarded",
            effect=Effect.DENY,
            message=self.lacking or self.denied,
            unassessed=self.lacking or None,
        )
