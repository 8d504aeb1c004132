from datetime import UTC, datetime

from workflows.domain.reviews import Rehearsal, Review, entry_of
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


def test_a_rehearsal_that_did_not_work_is_recorded_as_failed():
    told = Rehearsal(runbook="take-back", digest=DIGEST, by="eve", passed=False, at=NOON)

    assert (entry_of(told).action, entry_of(told).outcome) == ("rehearse_runbook", "failed")
    assert "did not work" in entry_of(told).sentence
