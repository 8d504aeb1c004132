"""A small evidence pack, made as the command line makes one."""

from datetime import UTC, datetime

from starters.audit.audit_export import contents_of
from tests.builders import an_order
from tests.fakes.audit import FakeAudit
from tests.fakes.sealing import FakeSealing
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.admission.recorded import RecordedDecision
from workflows.domain.audit import DECISION, Entry
from workflows.domain.audit_log.access import Access
from workflows.domain.audit_log.archive import packed
from workflows.domain.audit_log.manifest import Manifest
from workflows.domain.audit_log.pack import MANIFEST, ChainPart, digests
from workflows.domain.values import digest_of
from workflows.ports.audit import AppendRecord
from workflows.ports.sealing import ProveRecords, ReadSeals, SealRecord, SignPack

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = "release/shop/abc"
ANA = Access(reader="ana", session="s", at=NOON, purpose="export")


class NoRules:
    """An engine that is never asked: no policy brings rules."""

    def answer(self, question):
        raise AssertionError("no policy brings rules")


def a_ruling(release=SHOP):
    facts = Facts(at=NOON)
    order = an_order()
    return RecordedDecision(
        release=release, order=order, facts=facts, admission=admit(order, facts, NoRules())
    )


def entry(key, **fields):
    shown = {"at": NOON, "action": "shift_traffic", "sentence": f"did {key}", "outcome": "done"}
    return Entry(key=key, **{**shown, **fields})


class Packing:
    """The record and its log in memory, and packs of them."""

    def __init__(self, ruling=None):
        self.audit = FakeAudit()
        self.sealing = FakeSealing(self.audit)
        self.rulings = {} if ruling is None else {ruling.digest: ruling}

    def append(self, chain, *entries):
        self.audit.append_record(AppendRecord(release=chain, entries=entries))

    def seal(self):
        return self.sealing.seal_record(SealRecord())

    def part(self, chain, size):
        proofs = self.sealing.prove_records(ProveRecords(chain=chain, size=size)).proofs
        links = tuple(self.audit.links[chain][: len(proofs)])
        named = [link.entry.detail for link in links if link.entry.action == DECISION]
        rulings = [self.rulings[digest].model_dump(mode="json") for digest in named]
        return ChainPart(chain=chain, links=links, proofs=proofs, decisions=tuple(rulings))

    def contents(self, *, framework=None, sizes=(), change=lambda parts: parts):
        size = self.seal().size
        parts = change([self.part(chain, size) for chain in sorted(self.audit.links)])
        seals = self.sealing.read_seals(ReadSeals(sizes=sizes, newest=size))
        return contents_of(parts, seals, framework=framework, access=ANA)

    def signed(self, contents):
        manifest = Manifest(at=NOON, by="ana", files=digests(contents))
        access = ANA.model_copy(update={"session": digest_of(manifest.text)})
        ask = SignPack(manifest=manifest.text, access=access, chains=tuple(self.audit.links))
        note = self.sealing.sign_pack(ask).note
        return {**contents, MANIFEST: note.encode()}

    def pack(self, **asked):
        return packed(self.signed(self.contents(**asked)))


def a_small_packing():
    """One chain of one record under one checkpoint."""
    packing = Packing()
    packing.append(SHOP, entry("a"))
    return packing


def a_packing():
    """Two chains, two checkpoints, and a ruling that the record names."""
    recorded = a_ruling()
    packing = Packing(recorded)
    named = entry("r", action=DECISION, outcome=recorded.verdict, detail=recorded.digest)
    packing.append(SHOP, named, entry("a"), entry("b", actor="ana"))
    packing.seal()
    packing.append("access", entry("read/s/1", action="read_record", actor="ana"))
    packing.append(SHOP, entry("c", detail="ü <&> 7"))
    return packing
