"""The sealed log in memory, over the audit record in memory."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fakes.audit import FakeAudit
from workflows.domain.audit import written
from workflows.domain.audit_log.access import ACCESS, entry_of_export
from workflows.domain.audit_log.checkpoint import Checkpoint
from workflows.domain.audit_log.manifest import read_manifest
from workflows.domain.audit_log.merkle import consistency, grown, inclusion, leaf_hash, root
from workflows.domain.audit_log.note import NoteUntrusted, SigningKey, signed
from workflows.domain.audit_log.proof import Proof, Seal
from workflows.domain.errors import Diverged, Refused, TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.audit import AppendRecord
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

_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class FakeSealing(SealingPort):
    """Signs and keeps checkpoints over *audit*; *failures* are raised first, one for each seal."""

    def __init__(self, audit: FakeAudit | None = None) -> None:
        self.audit = audit or FakeAudit()
        self.order: list[tuple[str, int]] = []
        self.sealed: dict[int, str] = {}
        self.failures: list[Exception] = []
        self.key = SigningKey(name="fake", public=_PRIVATE.public_key().public_bytes_raw())
        self._nodes: dict[tuple[int, int], bytes] = {}

    def seal_record(self, ask: SealRecord) -> Sealed:
        if self.failures:
            raise self.failures.pop(0)
        self._compare()
        self._grow()
        size = len(self.order)
        if size and size not in self.sealed:
            checkpoint = Checkpoint(origin="fake", size=size, root=self._root(size), at=AT)
            self.sealed[size] = self._sign(checkpoint.text)
        return Sealed(size=size, note=self.sealed.get(size))

    def read_seals(self, ask: ReadSeals) -> Seals:
        if not self.sealed:
            raise TargetMissing("no checkpoint of the audit record is sealed yet")
        newest = ask.newest or max(self.sealed)
        sizes = sorted(size for size in {*ask.sizes, newest} if size <= newest)
        if missing := [size for size in sizes if size not in self.sealed]:
            raise TargetMissing(f"no checkpoint of {missing[0]} records is sealed")
        return Seals(
            seals=tuple(self._seal(size, newest) for size in sizes), keys=(str(self.key),)
        )

    def prove_records(self, ask: ProveRecords) -> Proofs:
        if ask.size > len(self.order):
            raise TargetMissing(f"the log holds {len(self.order)} records")
        found = [
            Proof(position=position, leaf=leaf, path=_hex(inclusion(leaf, ask.size, self._node)))
            for leaf, (chain, position) in enumerate(self.order[: ask.size])
            if chain == ask.chain and position > ask.after
        ][: ask.limit]
        covering = [size for size in sorted(self.sealed) if found and size > found[-1].leaf]
        return Proofs(proofs=tuple(found), covering=covering[0] if covering else None)

    def check_log(self, ask: CheckLog) -> LogReport:
        flaw = None
        try:
            self._compare()
        except Diverged as error:
            flaw = str(error)
        newest = max(self.sealed, default=0)
        recorded = sum(len(links) for links in self.audit.links.values())
        return LogReport(
            records=len(self.order),
            unsealed=recorded - newest,
            checkpoints=len(self.sealed),
            newest=self.sealed.get(newest),
            flaw=flaw,
        )

    def sign_pack(self, ask: SignPack) -> SignedPack:
        try:
            read_manifest(ask.manifest)
        except NoteUntrusted as error:
            raise Refused(str(error)) from error
        entry = entry_of_export(ask.access, ask.chains, digest_of(ask.manifest))
        self.audit.append_record(AppendRecord(release=ACCESS, entries=(entry,)))
        return SignedPack(note=self._sign(ask.manifest), key=str(self.key))

    def _sign(self, text: str) -> str:
        return signed(text, self.key, _PRIVATE.sign(text.encode()))

    def _seal(self, size: int, newest: int) -> Seal:
        proof = () if size == newest else consistency(size, newest, self._node)
        return Seal(note=self.sealed[size], proof=_hex(proof))

    def _grow(self) -> None:
        for chain, links in sorted(self.audit.links.items()):
            for link in links:
                if (chain, link.position) not in self.order:
                    leaf = leaf_hash(written(link).encode())
                    gained = list(grown(len(self.order), leaf, self._node))
                    self._nodes.update({(level, number): h for level, number, h in gained})
                    self.order.append((chain, link.position))

    def _compare(self) -> None:
        """Against the records themselves: this log keeps no copy that could differ from them."""
        for leaf, (chain, position) in enumerate(self.order):
            links = self.audit.links.get(chain, [])
            if len(links) < position:
                raise Diverged(f"position {position} of {chain} was sealed, and is gone")
            if leaf_hash(written(links[position - 1]).encode()) != self._node(0, leaf):
                raise Diverged(f"position {position} of {chain} was sealed, and hold a change")

    def _root(self, size: int) -> str:
        return root(size, self._node).hex()

    def _node(self, level: int, number: int) -> bytes:
        return self._nodes[level, number]


def _hex(path):
    return tuple(step.hex() for step in path)
