"""The evidence port on the ledger."""

import structlog

from activities.evidence.ledger import Ledger
from workflows.ports.evidence import (
    AppendEvidence,
    ChainHead,
    EvidencePage,
    EvidencePort,
    ReadEvidence,
)

log = structlog.get_logger(__name__)


class EvidenceActivities(EvidencePort):
    """One chain for each release, named by the release."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def append_evidence(self, ask: AppendEvidence) -> ChainHead:
        head = self._ledger.append(ask.release, ask.entries)
        log.info("evidence_appended", entries=len(ask.entries), position=head.position)
        return head

    def read_evidence(self, ask: ReadEvidence) -> EvidencePage:
        return self._ledger.page(ask.release, after=ask.after, limit=ask.limit)
