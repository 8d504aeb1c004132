"""DecisionLogPort on the ledger."""

import structlog

from activities.decision_log.book import DecisionBook
from activities.ledger import Ledger
from workflows.domain.admission.recorded import RecordedDecision
from workflows.domain.errors import Diverged, TargetMissing
from workflows.ports.decision_log import (
    DecisionList,
    DecisionLogPort,
    KeptDecision,
    ListDecisions,
    ReadDecision,
    RecordDecision,
)

log = structlog.get_logger(__name__)


class DecisionLogActivities(DecisionLogPort):
    """Keeps each ruling under its content address, and gives back only what that names."""

    def __init__(self, ledger: Ledger) -> None:
        self._book = DecisionBook(ledger)

    def record_decision(self, ask: RecordDecision) -> KeptDecision:
        digest = self._book.keep(ask.decision)
        log.info("decision_recorded", digest=digest, verdict=str(ask.decision.verdict))
        return KeptDecision(digest=digest)

    def list_decisions(self, ask: ListDecisions) -> DecisionList:
        return DecisionList(decisions=self._book.newest(ask.limit, name=ask.name))

    def read_decision(self, ask: ReadDecision) -> RecordedDecision:
        text = self._book.text(ask.digest)
        if text is None:
            raise TargetMissing(f"no ruling {ask.digest} is kept")
        found = RecordedDecision.model_validate_json(text)
        if (is_now := found.digest) != ask.digest:
            raise Diverged(
                f"ruling {ask.digest} is {is_now} by its content: the ledger was changed outside "
                "Lockgate, or a newer build kept what this one does not know"
            )
        return found
