"""The port on a ledger of its own: whose chain is written, and what is said about it."""

from datetime import UTC, datetime

import pytest
import structlog

from activities.evidence import EvidenceActivities, open_ledger
from workflows.domain.errors import Diverged
from workflows.domain.evidence import GENESIS, Entry, broken
from workflows.ports.evidence import AppendEvidence, ChainHead, ReadEvidence

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP, OTHER = "release/shop/abc", "release/other/1"


def an_entry(key, outcome="done"):
    return Entry(key=key, at=NOON, action="shift_traffic", sentence=f"did {key}", outcome=outcome)


@pytest.fixture
def evidence(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield EvidenceActivities(ledger)
    ledger.dispose()


def append(evidence, *keys, release=SHOP):
    entries = tuple(an_entry(key) for key in keys)
    return evidence.append_evidence(AppendEvidence(release=release, entries=entries))


def test_each_release_has_a_chain_of_its_own(evidence):
    append(evidence, "a", "b")
    append(evidence, "c", release=OTHER)

    shop, other = (
        evidence.read_evidence(ReadEvidence(release=release)) for release in (SHOP, OTHER)
    )

    assert [link.entry.key for link in shop.links] == ["a", "b"]
    assert [link.entry.key for link in other.links] == ["c"]
    assert other.links[0].previous == GENESIS
    assert broken(shop.links, head=shop.head.hash) is None


def test_the_answer_is_the_head_that_the_next_append_follows(evidence):
    first = append(evidence, "a")

    append(evidence, "b")

    page = evidence.read_evidence(ReadEvidence(release=SHOP, after=first.position, limit=1))
    assert page.links[0].previous == first.hash


def test_an_attempt_repeated_whole_answers_the_same_head(evidence):
    assert append(evidence, "a", "b") == append(evidence, "a", "b")


def test_appending_nothing_to_nothing_names_the_start(evidence):
    assert append(evidence) == ChainHead(position=0, hash=GENESIS)
    assert evidence.read_evidence(ReadEvidence(release=SHOP)).head is None


def test_an_entry_told_otherwise_diverges_and_takes_the_whole_append_back(evidence):
    append(evidence, "a")
    ask = AppendEvidence(release=SHOP, entries=(an_entry("b"), an_entry("a", "Refused")))

    with pytest.raises(Diverged, match="another outcome"):
        evidence.append_evidence(ask)

    assert evidence.read_evidence(ReadEvidence(release=SHOP)).head.position == 1


def test_the_log_says_how_much_was_recorded_and_never_what(evidence):
    with structlog.testing.capture_logs() as logged:
        append(evidence, "planted-key", "b")

    (line,) = logged
    assert (line["event"], line["entries"], line["position"]) == ("evidence_appended", 2, 2)
    assert "planted-key" not in str(logged)
