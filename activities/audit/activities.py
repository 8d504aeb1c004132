"""AuditPort on the ledger."""

import structlog
from temporalio import activity

from activities.ledger.ledger import Ledger
from workflows.domain.audit_log.access import ACCESS, Access, entry_of_read
from workflows.ports.audit import (
    AppendRecord,
    AuditPort,
    ChainHead,
    ChainList,
    ListChains,
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
        if (access := ask.access or _unnamed()) is not None:
            self._ledger.append(ACCESS, [entry_of_read(access, ask.release)])
        return self._ledger.page(ask.release, after=ask.after, limit=ask.limit)

    def list_chains(self, ask: ListChains) -> ChainList:
        return ChainList(chains=self._ledger.chains(after=ask.after, limit=ask.limit))


def _unnamed() -> Access | None:
    """For whoever asks past the command line, which names its reader: the activity is known."""
    if not activity.in_activity():
        return None
    info = activity.info()
    return Access(reader="", session=info.activity_id, at=info.scheduled_time)
