from datetime import UTC, datetime

import pytest

from workflows.domain.readiness.reviews import Rehearsal, Review, entry_of, own_review
from workflows.domain.values import digest_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
DIGEST = digest_of("a runbook")
REVIEW = Review(
    runbook="take-back", digest=DIGEST, reviewer="ben", approved=True, at=NOON, note="read it"
)


def test_a_review_is_one_entry_however_often_it_is_told():
    assert entry_of(REVIEW) == entry_of(REVIEW.model_copy())
    assert entry_of(REVIEW).key != entry_of(REVIEW.model_copy(update={"approved": False})).key


def test_the_entry_says_who_what_and_on_which_content():
    entry = entry_of(REVIEW)

    assert (entry.action, entry.outcome, entry.actor) == ("review_runbook", "approved", "ben")
    assert DIGEST in entry.detail
    assert entry.detail.endswith("asserted read it")


@pytest.mark.parametrize("author", ["ben", "Ben ", "BEN"])
def test_the_authors_own_review_is_an_entry_that_says_it_was_refused(author):
    refused = own_review(REVIEW, author)

    assert refused is not None
    assert (refused.outcome, refused.actor) == ("refused", "ben")
    assert "cannot review it" in refused.detail
    assert refused.key != entry_of(REVIEW).key


def test_a_review_of_somebody_else_is_not_refused():
    assert own_review(REVIEW, "ana") is None


def test_a_rehearsal_that_did_not_work_is_recorded_as_failed():
    told = Rehearsal(runbook="take-back", digest=DIGEST, by="eve", passed=False, at=NOON)

    assert (entry_of(told).action, entry_of(told).outcome) == ("rehearse_runbook", "failed")
    assert "did not work" in entry_of(told).sentence
