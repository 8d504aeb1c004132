"""Why a release is where it is, in whole outputs."""

import json
from datetime import timedelta

from starters.planning.explanation import Explanation, explained_as_json, explained_as_text
from tests.starters.goldens import same_as
from tests.starters.planning.test_plan_ruling import a_preview
from tests.workflows.domain.rules.ruled import NOON
from workflows.domain.admission.facts import Facts
from workflows.domain.admission.recorded import RecordedDecision
from workflows.domain.gates.vote import Vote
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Blocker, ReleaseStatus
from workflows.domain.values import digest_of

HOUR = timedelta(hours=1)


def an_explanation(**changed):
    preview = a_preview()
    admission = preview.admission
    status = ReleaseStatus(
        release="release/shop/abc",
        name="shop",
        phase=Phase.AWAITING_APPROVAL,
        reason="production waits for people",
        decision_digest=admission.decision_digest,
        blocked_by=(
            Blocker(
                gate="approval",
                reason="1 of product is missing",
                can_be_cleared_by=("eve",),
                clears_at=NOON + HOUR,
                evidence=("1 of 2 votes",),
                owner="team-shop",
                escalates_at=NOON + HOUR / 2,
                escalates_to="head-of-shop",
            ),
        ),
        votes=(Vote(voter="ana", digest=admission.decision_digest, environment="production"),),
        started_at=NOON,
    )
    ruling = RecordedDecision(
        release="release/shop/abc",
        order=preview.order,
        facts=Facts(at=NOON),
        admission=admission,
    )
    return Explanation(status=status.model_copy(update=changed), ruling=ruling)


def test_it_says_what_keeps_it_who_can_clear_that_and_how_it_was_ruled(write_golden):
    same_as("explain.txt", explained_as_text(an_explanation()), write=write_golden)


def test_programs_read_the_same(write_golden):
    document = explained_as_json(an_explanation())
    says = document["ruling"].pop("says")

    text = json.dumps(document, indent=2, ensure_ascii=False)

    same_as("explain.json", text, write=write_golden)
    assert says["findings"]


def test_a_decision_that_is_another_by_now_is_told():
    now = digest_of("another")

    assert f", and by now {now[7:19]}" in explained_as_text(an_explanation(decision_digest=now))


def test_without_its_ruling_it_says_why_that_is_not_known():
    status = an_explanation(blocked_by=(), votes=()).status
    found = Explanation(status=status, unread="the ledger does not answer")

    assert explained_as_text(found) == (
        "shop is AwaitingApproval: production waits for people\n  nothing keeps it\n\n"
        "how it was ruled is not known: the ledger does not answer"
    )
