"""The port on a ledger of its own: whose chain is written, and what is said about it."""

from datetime import UTC, datetime

import pytest
import structlog
from temporalio.testing import ActivityEnvironment

from activities.audit import AuditActivities
from activities.ledger import open_ledger
from workflows.domain.audit import GENESIS, Entry, broken
from workflows.domain.audit_log.access import ACCESS, Access
from workflows.domain.errors import Diverged
from workflows.ports.audit import AppendRecord, ChainHead, ReadRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP, OTHER = "release/shop/abc", "release/other/1"


def an_entry(key, outcome="done"):
    return Entry(key=key, at=NOON, action="shift_traffic", sentence=f"did {key}", outcome=outcome)


@pytest.fixture
def audit(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield AuditActivities(ledger)
    ledger.dispose()


def append(audit, *keys, release=SHOP):
    entries = tuple(an_entry(key) for key in keys)
    return audit.append_record(AppendRecord(release=release, entries=entries))


def test_each_release_has_a_chain_of_its_own(audit):
    append(audit, "a", "b")
    append(audit, "c", release=OTHER)

    shop, other = (audit.read_record(ReadRecord(release=release)) for release in (SHOP, OTHER))

    assert [link.entry.key for link in shop.links] == ["a", "b"]
    assert [link.entry.key for link in other.links] == ["c"]
    assert other.links[0].previous == GENESIS
    assert broken(shop.links, head=shop.head.hash) is None


def test_the_answer_is_the_head_that_the_next_append_follows(audit):
    first = append(audit, "a")

    append(audit, "b")

    page = audit.read_record(ReadRecord(release=SHOP, after=first.position, limit=1))
    assert page.links[0].previous == first.hash


def test_an_attempt_repeated_whole_answers_the_same_head(audit):
    assert append(audit, "a", "b") == append(audit, "a", "b")


def test_appending_nothing_to_nothing_names_the_start(audit):
    assert append(audit) == ChainHead(position=0, hash=GENESIS)
    assert audit.read_record(ReadRecord(release=SHOP)).head is None


def test_an_entry_told_otherwise_diverges_and_takes_the_whole_append_back(audit):
    append(audit, "a")
    ask = AppendRecord(release=SHOP, entries=(an_entry("b"), an_entry("a", "Refused")))

    with pytest.raises(Diverged, match="another outcome"):
        audit.append_record(ask)

    assert audit.read_record(ReadRecord(release=SHOP)).head.position == 1


def test_the_log_says_how_much_was_recorded_and_never_what(audit):
    with structlog.testing.capture_logs() as logged:
        append(audit, "planted-key", "b")

    (line,) = logged
    assert (line["event"], line["entries"], line["position"]) == ("record_appended", 2, 2)
    assert "planted-key" not in str(logged)


def test_who_reads_past_the_command_line_is_on_the_record_without_a_name(audit):
    """As somebody can who reaches Temporal: the activity is known, and so is when it was asked."""
    append(audit, "a")
    worker = ActivityEnvironment()

    worker.run(audit.read_record, ReadRecord(release=SHOP))
    worker.run(audit.read_record, ReadRecord(release=SHOP))

    (link,) = audit.read_record(ReadRecord(release=ACCESS)).links
    assert (link.entry.action, link.entry.actor) == ("read_record", "")
    assert worker.info.activity_id in link.entry.key


def test_a_reader_who_says_who_they_are_is_recorded_by_that_name(audit):
    append(audit, "a")
    access = Access(reader="ana", session="s", at=NOON)

    ActivityEnvironment().run(audit.read_record, ReadRecord(release=SHOP, access=access))

    (link,) = audit.read_record(ReadRecord(release=ACCESS)).links
    assert link.entry.actor == "ana"
