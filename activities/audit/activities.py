"""AuditPort on the ledger."""

import structlog

from activities.ledger.ledger import Ledger
from workflows.ports.audit import (
    AppendRecord,
    AuditPort,
    ChainHead,
    ReadRecord,
    RecordPage,
)

log = structlog.get_logger(__name__)


class AuditActivities(AuditPort):
    """One chain for each release, named by the release."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def append_record(self, ask: AppendRecord) -> ChainHead:
        head = self._ledger.append(ask.release, ask.entries)
        log.info("record_appended", entries=len(ask.entries), position=head.position)
        return head

    def read_record(self, ask: ReadRecord) -> RecordPage:
        return self._ledger.page(ask.release, after=ask.after, limit=ask.limit)
