"""OutcomesPort on the ledger."""

import structlog

from activities.ledger import Ledger
from activities.outcomes.book import OutcomeBook
from activities.outcomes.debts import DebtBook
from workflows.domain.risk.facts import Retrospective, Standing
from workflows.ports.outcomes import (
    CloseRetrospective,
    Filed,
    ListRetrospectives,
    OpenRetrospectives,
    Outcomes,
    OutcomesPort,
    ReadOutcomes,
    ReadStanding,
    RecordOutcome,
)

log = structlog.get_logger(__name__)


class OutcomesActivities(OutcomesPort):
    """Files ends, and reads from them what the next release has behind it."""

    def __init__(self, ledger: Ledger) -> None:
        self._book = OutcomeBook(ledger)
        self._debts = DebtBook(ledger)

    def read_standing(self, ask: ReadStanding) -> Standing:
        trust = self._book.trust(ask.pattern)
        return Standing(
            pattern=ask.pattern,
            clean_runs=trust.runs(ask.at, ask.model.earned),
            failed_release=trust.failed,
            owed=self._debts.owed(ask.services),
            troubled=self._book.troubled(ask.services, at=ask.at),
            shipped=self._book.shipped(ask.services),
            tally=self._book.outcomes(ask.model).tally,
        )

    def record_outcome(self, ask: RecordOutcome) -> Filed:
        ended = ask.ended
        if self._book.add(ended):
            log.info(
                "outcome_recorded",
                ending=ended.ending,
                score=ended.profile.score,
                change_class=ended.profile.change_class,
            )
        return Filed(ending=ended.ending, owes=ended.owes)

    def close_retrospective(self, ask: CloseRetrospective) -> Retrospective:
        closed = self._debts.close(ask.closing)
        log.info("retrospective_closed", closed=ask.closing.release, by=ask.closing.by)
        return closed

    def list_retrospectives(self, ask: ListRetrospectives) -> OpenRetrospectives:
        return OpenRetrospectives(owed=self._debts.open(limit=ask.limit))

    def read_outcomes(self, ask: ReadOutcomes) -> Outcomes:
        return self._book.outcomes(ask.model, limit=ask.limit)
