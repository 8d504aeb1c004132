"""SealingPort on the ledger's log, the vault's transit key and a store that locks objects."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from temporalio import activity

from activities.ledger.ledger import Ledger
from activities.sealing.comparing import compared, first_flaw
from activities.sealing.log import MerkleLog
from activities.sealing.memory import remember, remembered
from activities.sealing.seals import Seals as SealBook
from activities.sealing.store import SealStore
from activities.sealing.transit import TransitSigner
from workflows.domain.audit_log.access import ACCESS, entry_of_export
from workflows.domain.audit_log.checkpoint import Checkpoint
from workflows.domain.audit_log.manifest import read_manifest
from workflows.domain.audit_log.note import NoteUntrusted
from workflows.domain.audit_log.proof import Seal
from workflows.domain.errors import Diverged, Refused, TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.sealing import (
    CheckLog,
    LogReport,
    Proofs,
    ProveRecords,
    ReadSeals,
    Sealed,
    SealingPort,
    SealRecord,
    Seals,
    SignedPack,
    SignPack,
)

log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class SealPlace:
    """Where a log is sealed, who signs for it, and for how long nobody can remove it."""

    origin: str
    store: SealStore
    signer: TransitSigner
    retention: timedelta


class SealingActivities(SealingPort):
    """The record's log against what was sealed of it; without a *place* nothing is sealed."""

    def __init__(
        self,
        ledger: Ledger,
        place: SealPlace | None,
        *,
        now: Callable[[], datetime] = _now,
        beat: Callable[[], object] = activity.heartbeat,
    ) -> None:
        self._ledger = ledger
        self._place = place
        self._log = MerkleLog(ledger)
        self._now = now
        self._beat = beat

    def seal_record(self, ask: SealRecord) -> Sealed:
        if self._place is None:
            return Sealed()
        seals = SealBook(self._place.store, self._place.origin)
        newest = compared(self._log, seals, at_least=self._remembered())
        size = self._log.grow(self._beat)
        if newest is not None and newest[1].size == size:
            self._remember(newest[0], size)
            return Sealed(size=size, note=newest[0])
        if size == 0:
            return Sealed()
        note = self._signed(seals, size)
        self._remember(note, size)
        log.info("record_sealed", records=size, why=ask.why)
        return Sealed(size=size, note=note)

    def read_seals(self, ask: ReadSeals) -> Seals:
        _, seals = self._sealing()
        sizes = list(seals.sizes(at_least=self._remembered()))
        if not sizes:
            raise TargetMissing("no checkpoint of the audit record is sealed yet")
        if self._log.size() < sizes[-1]:
            checkpoint = seals.read(sizes[-1])[1]
            raise Diverged(f"the ledger's log is shorter than {checkpoint}: records are gone")
        newest = ask.newest or sizes[-1]
        wanted = sorted(size for size in {*ask.sizes, newest} if size <= newest)
        found = tuple(self._seal(seals, size, newest) for size in wanted)
        return Seals(seals=found, keys=tuple(str(key) for key in seals.signers()))

    def prove_records(self, ask: ProveRecords) -> Proofs:
        _, seals = self._sealing()
        page = self._log.prove(ask.chain, size=ask.size, after=ask.after, limit=ask.limit)
        if not page.proofs:
            return page
        last = max(proof.leaf for proof in page.proofs)
        covering = next(seals.sizes(at_least=last + 1), None)
        return page.model_copy(update={"covering": covering})

    def check_log(self, ask: CheckLog) -> LogReport:
        del ask  # it asks for all there is
        _, seals = self._sealing()
        sizes = list(seals.sizes())
        try:
            records, flaw = first_flaw(self._log, seals, self._beat)
            newest = seals.read(sizes[-1])[0] if sizes else None
        except Diverged as error:
            records, flaw, newest = 0, str(error), None
        return LogReport(
            records=records,
            unsealed=self._log.waiting() + max(0, records - (sizes[-1] if sizes else 0)),
            checkpoints=len(sizes),
            newest=newest,
            flaw=flaw,
        )

    def sign_pack(self, ask: SignPack) -> SignedPack:
        place, _ = self._sealing()
        try:
            read_manifest(ask.manifest)
        except NoteUntrusted as error:
            raise Refused(f"evidence pack: {error}") from error
        entry = entry_of_export(ask.access, ask.chains, digest_of(ask.manifest))
        self._ledger.append(ACCESS, [entry])
        note, key = place.signer.sign(ask.manifest)
        log.info("pack_signed", chains=len(ask.chains), reader=ask.access.reader)
        return SignedPack(note=note, key=str(key))

    def _sealing(self) -> tuple[SealPlace, SealBook]:
        if self._place is None:
            raise TargetMissing(
                "nothing is sealed: the worker's settings have no [sealing]; see "
                "docs/how-to/verify-the-audit-record.md"
            )
        return self._place, SealBook(self._place.store, self._place.origin)

    def _signed(self, seals: SealBook, size: int) -> str:
        place, _ = self._sealing()
        checkpoint = Checkpoint(
            origin=place.origin, size=size, root=self._log.root(size).hex(), at=self._now()
        )
        note, key = place.signer.sign(checkpoint.text)
        return seals.seal(note, key, until=checkpoint.at + place.retention)

    def _seal(self, seals: SealBook, size: int, newest: int) -> Seal:
        note, _ = seals.read(size)
        proof = () if size == newest else self._log.consistency(size, newest)
        return Seal(note=note, proof=tuple(step.hex() for step in proof))

    def _remembered(self) -> int:
        """The size of the newest checkpoint that the ledger knows of: where to begin looking."""
        place, _ = self._sealing()
        return self._ledger.read(lambda connection: remembered(connection, place.origin))

    def _remember(self, note: str, size: int) -> None:
        place, _ = self._sealing()
        if self._remembered() < size:
            self._ledger.write(lambda c: remember(c, origin=place.origin, size=size, note=note))
