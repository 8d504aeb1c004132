"""FreezesPort on the ledger."""

import structlog

from activities.freezes.book import FreezeBook
from activities.ledger import Ledger
from workflows.domain.calendar.windows import Freeze
from workflows.ports.freezes import (
    DeclareFreeze,
    Freezes,
    FreezesPort,
    LiftFreeze,
    ReadFreezes,
)

log = structlog.get_logger(__name__)


class FreezesActivities(FreezesPort):
    """Keeps what people declare; a release reads it before each step."""

    def __init__(self, ledger: Ledger) -> None:
        self._book = FreezeBook(ledger)

    def declare_freeze(self, ask: DeclareFreeze) -> Freeze:
        kept = self._book.add(ask.freeze)
        log.info("freeze_declared", freeze=kept.name, by=kept.declared_by, scope=str(kept.scope))
        return kept

    def lift_freeze(self, ask: LiftFreeze) -> Freeze:
        lifted = self._book.lift(ask.name, by=ask.by, reason=ask.reason, at=ask.at)
        log.info("freeze_lifted", freeze=lifted.name, by=lifted.lifted_by)
        return lifted

    def read_freezes(self, ask: ReadFreezes) -> Freezes:
        return Freezes(freezes=self._book.known(ask.at, past=ask.past))
