"""Rulings kept in memory."""

from workflows.domain.admission.recorded import RecordedDecision, entry_of
from workflows.domain.errors import TargetMissing
from workflows.ports.decision_log import (
    DecisionList,
    DecisionLogPort,
    KeptDecision,
    ListDecisions,
    ReadDecision,
    RecordDecision,
)


class FakeDecisionLog(DecisionLogPort):
    """Keeps what it was given; *failures* are raised first, one per record."""

    def __init__(self) -> None:
        self.kept: dict[str, RecordedDecision] = {}
        self.failures: list[Exception] = []

    def record_decision(self, ask: RecordDecision) -> KeptDecision:
        if self.failures:
            raise self.failures.pop(0)
        digest = ask.decision.digest
        self.kept.setdefault(digest, ask.decision)
        return KeptDecision(digest=digest)

    def list_decisions(self, ask: ListDecisions) -> DecisionList:
        found = [entry_of(d) for d in self.kept.values() if ask.name in {None, d.order.name}]
        found.sort(key=lambda entry: (-entry.at.timestamp(), entry.digest))
        return DecisionList(decisions=tuple(found[: ask.limit]))

    def read_decision(self, ask: ReadDecision) -> RecordedDecision:
        if ask.digest not in self.kept:
            raise TargetMissing(f"no ruling {ask.digest} is kept")
        return self.kept[ask.digest]
