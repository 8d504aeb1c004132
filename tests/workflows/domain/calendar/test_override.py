from datetime import timedelta

import pytest

from tests.workflows.domain.calendar.calendars import HOUR, NOON, hour
from workflows.domain.calendar.override import (
    GivenOverride,
    Override,
    OverrideRefused,
    check_override,
    weigh,
)
from workflows.domain.calendar.windows import OverrideRule
from workflows.domain.gates.gates import WaiverGuard
from workflows.domain.people.identity import Assurance, Proven
from workflows.domain.values import digest_of

RULE = OverrideRule(roles=("sre",))
PEOPLE = {"ana": ("sre",), "ben": ("sre", "product"), "eve": ("product",)}


def said(by="ana", *, reason="the fix of the outage", lasts=HOUR, window="audit"):
    return Override(by=by, window=window, reason=reason, lasts=lasts)


def check(word, rule=RULE):
    check_override(rule, word, people=PEOPLE, requested_by="carl")


def test_who_may_is_counted():
    check(said())
    check(said("eve"), OverrideRule())


@pytest.mark.parametrize(
    ("word", "rule", "why"),
    [
        (said(), None, "cannot be set aside"),
        (said(reason=" "), RULE, "needs a reason"),
        (said("Carl"), RULE, "asked for this release"),
        (said("mallory"), RULE, "nobody the release's catalog knows"),
        (said("eve"), RULE, "none of the roles sre"),
        (said(lasts=5 * HOUR), RULE, "at most 4h"),
        (said(lasts=timedelta(0)), RULE, "more than nothing"),
    ],
)
def test_what_does_not_count_is_refused_with_the_reason(word, rule, why):
    with pytest.raises(OverrideRefused, match=why):
        check(word, rule)


def test_where_the_policy_asks_for_a_proof_a_name_alone_does_not_count():
    guard = WaiverGuard(identity=Assurance.PROVEN)
    proven = Proven(
        person="ana",
        account="oidc:ana",
        statement=digest_of("said"),
        proof=digest_of("token"),
        proven_at=NOON,
    )

    with pytest.raises(OverrideRefused, match="asks for a proven identity"):
        check_override(RULE, said(), people=PEOPLE, requested_by="carl", guard=guard)
    with pytest.raises(OverrideRefused, match="is ben's, and its token that of"):
        said("ben").proven_by(proven)
    word = said("").model_copy(update={"proof": "token"}).proven_by(proven)
    check_override(RULE, word, people=PEOPLE, requested_by="carl", guard=guard)
    assert (word.by, word.proof) == ("ana", None)


def test_a_role_counts_as_far_as_the_issuer_confirms_it():
    proven = Proven(
        person="ana",
        account="oidc:ana",
        roles=("product",),
        statement=digest_of("said"),
        proof=digest_of("token"),
        proven_at=NOON,
    )

    with pytest.raises(OverrideRefused, match="none of the roles sre"):
        check(said().proven_by(proven))
    check(said().proven_by(proven.model_copy(update={"roles": ("sre",)})))


def test_a_word_counts_no_longer_than_it_asks_for():
    word = GivenOverride(word=said(lasts=HOUR), at=NOON)

    assert word.counts(NOON + timedelta(minutes=59))
    assert not word.counts(NOON + HOUR)


def test_who_did_what_approvers_check_cannot_override():
    guard = WaiverGuard(barred={"ana": "wrote 3 commits of it"})

    with pytest.raises(OverrideRefused, match="wrote 3 commits"):
        check_override(RULE, said(), people=PEOPLE, requested_by="carl", guard=guard)


def test_a_token_stands_for_one_window_one_time_and_one_content():
    words = [said(), said(window="other"), said(lasts=2 * HOUR), said(reason="another")]
    nonces = {
        word.statement(release="r", run="1", digest=digest_of(content)).nonce
        for word in words
        for content in ("one", "two")
    }

    assert len(nonces) == 8


def test_what_a_sender_claims_to_have_proven_is_not_believed():
    claimed = said().model_copy(update={"assurance": Assurance.PROVEN, "proof": "x"})

    assert claimed.asserted() == said()


def test_one_person_is_not_two():
    assert weigh(RULE, [said("ana"), said("ana")], NOON) == (("ana",), None)


def test_two_people_set_a_window_aside_for_as_long_as_the_more_careful_says():
    by, granted = weigh(RULE, [said("ana"), said("ben", lasts=3 * HOUR, reason="as above")], NOON)

    assert by == granted.by == ("ana", "ben")
    assert (granted.granted_at, granted.expires_at) == (NOON, hour(1))
    assert granted.retrospective_by == NOON + timedelta(days=3)
    assert granted.reason == "the fix of the outage; as above"


def test_the_latest_word_of_each_counts():
    _, granted = weigh(RULE, [said("ana", lasts=3 * HOUR), said("ben"), said("ana")], NOON)

    assert granted.expires_at == hour(1)
