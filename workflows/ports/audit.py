"""Appending to the audit record, and reading it."""

from abc import abstractmethod
from datetime import timedelta

from pydantic import Field

from workflows.domain.audit import Entry, Link
from workflows.domain.audit_log.access import Access
from workflows.domain.names import Queue
from workflows.domain.values import Digest, Value
from workflows.ports.base import Message, Port, limited


class AppendRecord(Message):
    """Append *entries*, in order, to the chain of *release*."""

    release: str
    entries: tuple[Entry, ...]

    def __str__(self) -> str:
        entries = "one entry" if len(self.entries) == 1 else f"{len(self.entries)} entries"
        return f"record {entries} of {self.release}"


class ChainHead(Value):
    """The newest link of a chain: its position and hash."""

    position: int
    hash: Digest


class ReadRecord(Message):
    """Read up to *limit* links of *release* after *position*; *access* is put on the record."""

    release: str
    after: int = 0
    limit: int = 200
    access: Access | None = None

    def __str__(self) -> str:
        return f"read the record of {self.release}"


class RecordPage(Value):
    """Links in order; *head* is the chain's newest link, None where nothing was recorded."""

    links: tuple[Link, ...]
    head: ChainHead | None


class ListChains(Message):
    """Name up to *limit* chains after *after*, in the order of their names."""

    after: str = ""
    limit: int = Field(default=500, ge=1, le=2000)

    def __str__(self) -> str:
        return "list the chains of the audit record"


class ChainList(Value):
    """The names of chains, of releases and of what belongs to none."""

    chains: tuple[str, ...]


class AuditPort(Port):
    queue = Queue.AUDIT

    @limited(attempt=timedelta(seconds=30), total=timedelta(days=7), recorded=False)
    @abstractmethod
    def append_record(self, ask: AppendRecord) -> ChainHead:
        """Append each entry whose key the chain does not hold yet; return the head.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
            Diverged: an entry of the same key and other content is already recorded.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def read_record(self, ask: ReadRecord) -> RecordPage:
        """A page of the record, as stored; that it was read is on the record before.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def list_chains(self, ask: ListChains) -> ChainList:
        """The chains that hold at least one entry.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """
