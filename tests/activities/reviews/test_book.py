"""A review and its entry in the record: both are written, or neither."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.audit import AuditActivities
from activities.ledger import open_ledger
from activities.reviews.book import ReviewBook
from workflows.domain.audit import Entry
from workflows.domain.errors import Diverged
from workflows.domain.readiness.reviews import CHAIN, Review, entry_of
from workflows.domain.values import digest_of
from workflows.ports.audit import AppendRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REVIEW = Review(
    runbook="take-back", digest=digest_of("content"), reviewer="ben", approved=True, at=NOON
)


@pytest.fixture
def ledger(tmp_path):
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.dispose()


def test_a_review_that_cannot_be_recorded_is_not_kept(ledger):
    """The record holds something else under its key: nothing of the review may remain."""
    other = Entry(
        key=entry_of(REVIEW).key, at=NOON, action="x", sentence="something else", outcome="done"
    )
    AuditActivities(ledger).append_record(AppendRecord(release=CHAIN, entries=(other,)))
    book = ReviewBook(ledger)

    with pytest.raises(Diverged):
        book.add(REVIEW)

    assert book.newest(("take-back",), limit=10).reviews == ()


def test_words_that_are_only_asserted_push_out_none_that_is_proven(ledger):
    book = ReviewBook(ledger)
    proven = REVIEW.model_copy(update={"approved": False, "assurance": "proven as oidc:ben@local"})
    book.add(proven)
    for day in range(1, 4):
        book.add(REVIEW.model_copy(update={"at": NOON + timedelta(days=day)}))

    found = book.newest(("take-back",), limit=2).reviews

    assert [review.assurance for review in found] == ["proven as oidc:ben@local", "asserted"]
    assert found[1].at == NOON + timedelta(days=3)
