"""Freezes in memory, told to the record as the ledger tells them."""

from tests.fakes.audit import FakeAudit
from workflows.domain.calendar.declared import CHAIN, entry_of_freeze, entry_of_lift
from workflows.domain.calendar.windows import Freeze
from workflows.domain.errors import Refused, TargetMissing
from workflows.ports.audit import AppendRecord
from workflows.ports.freezes import (
    DeclareFreeze,
    Freezes,
    FreezesPort,
    LiftFreeze,
    ReadFreezes,
)


class FakeFreezes(FreezesPort):
    """Keeps what was declared; *failures* are raised first, one per reading."""

    def __init__(self, audit: FakeAudit | None = None) -> None:
        self.audit = audit or FakeAudit()
        self.declared: dict[str, Freeze] = {}
        self.failures: list[Exception] = []

    def declare_freeze(self, ask: DeclareFreeze) -> Freeze:
        freeze = ask.freeze
        entry = entry_of_freeze(freeze)
        if entry.key in self.declared:
            return freeze
        others = [f for f in self._open(freeze.declared_at) if f.name == freeze.name]
        if others:
            raise Refused(
                f"freeze {freeze.name} was declared by {others[0].declared_by} already: "
                f"{others[0].reason}; lift it first, or choose another name"
            )
        self.declared[entry.key] = freeze
        self.audit.append_record(AppendRecord(release=CHAIN, entries=(entry,)))
        return freeze

    def lift_freeze(self, ask: LiftFreeze) -> Freeze:
        named = [(k, f) for k, f in self.declared.items() if f.name == ask.name]
        if not named:
            raise TargetMissing(f"there is no freeze {ask.name!r}; `lockgate freeze list` has all")
        key, freeze = max(named, key=lambda one: one[1].declared_at)
        if freeze.lifted_at is not None:
            return freeze
        entry = entry_of_lift(freeze, by=ask.by, at=ask.at, reason=ask.reason)
        self.audit.append_record(AppendRecord(release=CHAIN, entries=(entry,)))
        lifted = freeze.model_copy(update={"lifted_at": ask.at, "lifted_by": ask.by})
        self.declared[key] = lifted
        return lifted

    def read_freezes(self, ask: ReadFreezes) -> Freezes:
        if self.failures:
            raise self.failures.pop(0)
        found = list(self.declared.values()) if ask.past else self._open(ask.at)
        return Freezes(freezes=tuple(sorted(found, key=lambda f: (f.start_at, f.name))))

    def _open(self, at) -> list[Freeze]:
        return [
            freeze
            for freeze in self.declared.values()
            if freeze.lifted_at is None and (freeze.end_at is None or freeze.end_at > at)
        ]
