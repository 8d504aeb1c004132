"""The audit record in memory."""

from workflows.domain.audit import GENESIS, Link, link
from workflows.domain.audit_log.access import ACCESS, entry_of_read
from workflows.domain.errors import Diverged
from workflows.ports.audit import (
    AppendRecord,
    AuditPort,
    ChainHead,
    ChainList,
    ListChains,
    ReadRecord,
    RecordPage,
)


class FakeAudit(AuditPort):
    """Keeps each release's chain; *failures* are raised first, one per append."""

    def __init__(self) -> None:
        self.links: dict[str, list[Link]] = {}
        self.failures: list[Exception] = []

    def append_record(self, ask: AppendRecord) -> ChainHead:
        if self.failures:
            raise self.failures.pop(0)
        chain = list(self.links.get(ask.release, ()))
        for entry in ask.entries:
            known = [kept for kept in chain if kept.entry.key == entry.key]
            if known and known[0].entry != entry:
                raise Diverged(
                    f"audit record of {ask.release}: {entry.key!r} is recorded otherwise"
                )
            if not known:
                previous = chain[-1].hash if chain else GENESIS
                chain.append(link(ask.release, len(chain) + 1, entry, previous))
        self.links[ask.release] = chain
        return _head(chain) or ChainHead(position=0, hash=GENESIS)

    def read_record(self, ask: ReadRecord) -> RecordPage:
        if ask.access is not None:
            entry = entry_of_read(ask.access, ask.release)
            self.append_record(AppendRecord(release=ACCESS, entries=(entry,)))
        chain = self.links.get(ask.release, [])
        page = tuple(chain[ask.after : ask.after + ask.limit])
        return RecordPage(links=page, head=_head(chain))

    def list_chains(self, ask: ListChains) -> ChainList:
        names = sorted(name for name, links in self.links.items() if links and name > ask.after)
        return ChainList(chains=tuple(names[: ask.limit]))


def _head(chain: list[Link]) -> ChainHead | None:
    return ChainHead(position=chain[-1].position, hash=chain[-1].hash) if chain else None
