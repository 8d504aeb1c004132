"""The audit record in memory."""

from workflows.domain.errors import Diverged
from workflows.domain.evidence import GENESIS, Link, link
from workflows.ports.evidence import (
    AppendEvidence,
    ChainHead,
    EvidencePage,
    EvidencePort,
    ReadEvidence,
)


class FakeEvidence(EvidencePort):
    """Keeps each release's chain; *failures* are raised first, one per append."""

    def __init__(self) -> None:
        self.links: dict[str, list[Link]] = {}
        self.failures: list[Exception] = []

    def append_evidence(self, ask: AppendEvidence) -> ChainHead:
        if self.failures:
            raise self.failures.pop(0)
        chain = list(self.links.get(ask.release, ()))
        for entry in ask.entries:
            known = [kept for kept in chain if kept.entry.key == entry.key]
            if known and known[0].entry != entry:
                raise Diverged(f"evidence of {ask.release}: {entry.key!r} is recorded otherwise")
            if not known:
                previous = chain[-1].hash if chain else GENESIS
                chain.append(link(ask.release, len(chain) + 1, entry, previous))
        self.links[ask.release] = chain
        return _head(chain) or ChainHead(position=0, hash=GENESIS)

    def read_evidence(self, ask: ReadEvidence) -> EvidencePage:
        chain = self.links.get(ask.release, [])
        page = tuple(chain[ask.after : ask.after + ask.limit])
        return EvidencePage(links=page, head=_head(chain))


def _head(chain: list[Link]) -> ChainHead | None:
    return ChainHead(position=chain[-1].position, hash=chain[-1].hash) if chain else None
