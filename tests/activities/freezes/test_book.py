"""A freeze and its entry in the record: both are written, or neither."""

from datetime import UTC, datetime

import pytest

from activities.audit import AuditActivities
from activities.freezes.book import FreezeBook
from activities.ledger import open_ledger
from workflows.domain.audit import Entry
from workflows.domain.calendar.declared import CHAIN, entry_of_freeze
from workflows.domain.calendar.windows import Freeze
from workflows.domain.errors import Diverged
from workflows.ports.audit import AppendRecord

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
FREEZE = Freeze(
    name="incident-7",
    reason="payments fail",
    declared_by="ana",
    declared_at=NOON,
    start_at=NOON,
)


def test_a_freeze_that_cannot_be_recorded_is_not_kept(tmp_path):
    """The record holds something else under its key: nothing of the freeze may remain."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    other = Entry(
        key=entry_of_freeze(FREEZE).key, at=NOON, action="x", sentence="other", outcome="done"
    )
    AuditActivities(ledger).append_record(AppendRecord(release=CHAIN, entries=(other,)))
    book = FreezeBook(ledger)

    with pytest.raises(Diverged):
        book.add(FREEZE)

    assert book.known(NOON, past=True) == ()
    ledger.dispose()
