"""Sealing the whole audit record under a signed checkpoint, and proving what is under one."""

from abc import abstractmethod
from datetime import timedelta

from pydantic import Field

from workflows.domain.audit_log.access import Access
from workflows.domain.audit_log.proof import Proof, Seal
from workflows.domain.names import Queue
from workflows.domain.values import Value
from workflows.ports.base import Message, Port, limited


class SealRecord(Message):
    """Seal everything that is recorded now; *why* is for the log alone."""

    why: str = ""

    def __str__(self) -> str:
        return "seal the audit record"


class Sealed(Value):
    """The newest checkpoint: how many records it covers, and the note that was signed.

    `note` is None where the worker's settings name no place to seal to.
    """

    size: int = 0
    note: str | None = None


class ReadSeals(Message):
    """Read the checkpoints at *sizes* and the newest one, which is that of *newest* if given."""

    sizes: tuple[int, ...] = ()
    newest: int | None = None

    def __str__(self) -> str:
        return "read the checkpoints of the audit record"


class Seals(Value):
    """Checkpoints from the smallest to the newest, and the keys that signed any of them."""

    seals: tuple[Seal, ...]
    keys: tuple[str, ...]


class ProveRecords(Message):
    """Show that the records of *chain* after *after* are in the log of the first *size*."""

    chain: str
    size: int
    after: int = 0
    limit: int = 100

    def __str__(self) -> str:
        return f"prove the record of {self.chain}"


class Proofs(Value):
    """One for each record that is under the checkpoint, in the chain's order.

    `covering` is the size of the first checkpoint that covers all of them, None where there are
    none.
    """

    proofs: tuple[Proof, ...]
    covering: int | None = None


class CheckLog(Message):
    """Compute the tree anew from every record, and compare it with every sealed checkpoint."""

    def __str__(self) -> str:
        return "compare the audit record with every sealed checkpoint"


class LogReport(Value):
    """What was compared; *flaw* names the first place that is not as it was sealed, or None."""

    records: int
    unsealed: int
    checkpoints: int
    newest: str | None = None
    flaw: str | None = None


class SignPack(Message):
    """Sign the manifest of an evidence pack, once its export is on the record.

    The session of *access* is the same when the same export is asked for again.
    """

    manifest: str = Field(max_length=500_000)
    access: Access
    chains: tuple[str, ...]

    def __str__(self) -> str:
        return f"sign an evidence pack for {self.access.reader}"


class SignedPack(Value):
    """The manifest as a signed note, and the key that signed it."""

    note: str
    key: str


class SealingPort(Port):
    queue = Queue.AUDIT

    @limited(
        attempt=timedelta(minutes=2),
        total=timedelta(minutes=15),
        heartbeat=timedelta(seconds=30),
        recorded=False,
    )
    @abstractmethod
    def seal_record(self, ask: SealRecord) -> Sealed:
        """Sign a checkpoint over all records and put it where it cannot be changed.

        Idempotent: where nothing was recorded since the newest checkpoint, that is the answer.

        Raises:
            Unavailable: the ledger, the vault or the store does not answer; retried.
            Diverged: the record is not what was sealed: records are missing, or are others.
            Refused: the store keeps no objects, or the vault does not sign.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def read_seals(self, ask: ReadSeals) -> Seals:
        """Checkpoints as they lie in the store, not as the ledger remembers them.

        Raises:
            Unavailable: the ledger, the vault or the store does not answer; retried.
            Diverged: one of them is not continued by the record.
            TargetMissing: there is none of that size, or nothing is sealed at all.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def prove_records(self, ask: ProveRecords) -> Proofs:
        """A page of proofs; records that came after the checkpoint have none.

        Raises:
            Unavailable: the ledger does not answer; retried.
            TargetMissing: the log never had that size.
        """

    @limited(
        attempt=timedelta(minutes=30),
        total=timedelta(hours=2),
        heartbeat=timedelta(minutes=1),
        recorded=False,
    )
    @abstractmethod
    def check_log(self, ask: CheckLog) -> LogReport:
        """Read the whole record, and every checkpoint.

        Raises:
            Unavailable: the ledger, the vault or the store does not answer; retried.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def sign_pack(self, ask: SignPack) -> SignedPack:
        """Record who exports what, then sign for it.

        Raises:
            Unavailable: the ledger or the vault does not answer; retried.
            Diverged: another export is on the record under the same session.
            Refused: the vault does not sign, or the manifest is none.
        """
