from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import build_of
from workflows.domain.gates.vote import (
    Decision,
    Vote,
    VoteRefused,
    check_vote,
    decide,
    may_vote,
    missing,
)
from workflows.domain.release.plan import GateRule, RoleNeed

DIGEST = build_of("plan", "1")
ROLES = ("sre", "product", "security")
PEOPLE = ("ana", "ben", "cyd", "dan", "eve")


def a_rule(needs, people):
    return GateRule(
        environment="production",
        needs=tuple(RoleNeed(role=role, count=count) for role, count in needs),
        people={name: tuple(roles) for name, roles in people.items()},
        open_for=timedelta(hours=1),
    )


def a_vote(voter, *, approved=True, digest=DIGEST):
    return Vote(voter=voter, approved=approved, digest=digest)


def votes_of(*voters, approved=True):
    return {voter: a_vote(voter, approved=approved) for voter in voters}


rules = st.builds(
    a_rule,
    st.lists(st.tuples(st.sampled_from(ROLES), st.integers(1, 2)), min_size=1, max_size=2),
    st.dictionaries(
        st.sampled_from(PEOPLE), st.sets(st.sampled_from(ROLES), min_size=1).map(sorted)
    ),
)
voters = st.lists(st.sampled_from(PEOPLE), unique=True)


def seated_at_best(rule, approving):
    """By trying every order of people in front of the places: how many can be filled."""
    places = [need.role for need in rule.needs for _ in range(need.count)]
    crowd = [*approving, *[None] * len(places)]
    return len(places), max(
        sum(place in rule.people.get(who, ()) for place, who in zip(places, row, strict=True))
        for row in permutations(crowd, len(places))
    )


@given(rules, voters)
def test_people_find_their_places_as_well_as_trying_everything_would(rule, approving):
    places, best = seated_at_best(rule, approving)

    opened = decide(rule, votes_of(*approving)) is Decision.APPROVED

    assert opened == (best == places)
    assert len(missing(rule, votes_of(*approving))) == places - best


@given(rules, voters, st.sampled_from(PEOPLE))
def test_one_rejection_closes_the_gate_whoever_approves(rule, approving, rejecting):
    votes = votes_of(*approving) | votes_of(rejecting, approved=False)

    assert decide(rule, votes) is Decision.REJECTED


@given(rules, voters, st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(rule, approving, chance):
    shuffled = chance.sample(approving, len(approving))

    assert decide(rule, votes_of(*approving)) == decide(rule, votes_of(*shuffled))


@given(rules, voters, st.sampled_from(PEOPLE))
def test_one_more_approval_never_closes_an_open_gate(rule, approving, more):
    opened = decide(rule, votes_of(*approving)) is Decision.APPROVED

    assert not opened or decide(rule, votes_of(*approving, more)) is Decision.APPROVED


@given(rules, st.sampled_from(PEOPLE), st.booleans())
def test_the_requesters_own_vote_never_counts(rule, requester, approved):
    vote = a_vote(requester, approved=approved)

    with pytest.raises(VoteRefused, match="cannot decide on it"):
        check_vote(rule, vote, digest=DIGEST, requested_by=requester)


def test_one_person_with_two_roles_fills_one_place():
    rule = a_rule([("sre", 1), ("product", 1)], {"ana": ["sre", "product"], "ben": ["product"]})

    assert decide(rule, votes_of("ana")) is None
    assert missing(rule, votes_of("ana")) == ("product",)
    assert decide(rule, votes_of("ana", "ben")) is Decision.APPROVED


def test_a_rejection_fills_no_place():
    rule = a_rule([("sre", 1)], {"ana": ["sre"]})

    assert missing(rule, votes_of("ana", approved=False)) == ("sre",)


@pytest.mark.parametrize(
    ("vote", "why"),
    [
        (a_vote("ana", digest=build_of("plan", "2")), "look at the plan again"),
        (a_vote("zoe"), "zoe holds none of the roles this gate asks for: sre"),
    ],
)
def test_a_vote_that_cannot_count_is_refused_with_its_reason(vote, why):
    rule = a_rule([("sre", 1)], {"ana": ["sre"]})

    with pytest.raises(VoteRefused, match=why):
        check_vote(rule, vote, digest=DIGEST, requested_by="carl")


@pytest.mark.parametrize("approved", [True, False])
def test_a_vote_of_somebody_who_is_asked_counts(approved):
    rule = a_rule([("sre", 1)], {"ana": ["sre"]})

    check_vote(rule, a_vote("ana", approved=approved), digest=DIGEST, requested_by="carl")


@pytest.mark.parametrize("asker", ["ana", "Ana", " ana ", "ANA"])
def test_who_asked_for_the_release_cannot_vote_under_another_spelling(asker):
    rule = a_rule([("sre", 1)], {"ana": ["sre"]})

    with pytest.raises(VoteRefused, match="cannot decide on it"):
        check_vote(rule, a_vote("ana"), digest=DIGEST, requested_by=asker)


def test_a_vote_that_names_a_gate_counts_at_no_other():
    rule = a_rule([("sre", 1)], {"ana": ["sre"]})

    def check(environment):
        vote = Vote(voter="ana", digest=DIGEST, environment=environment)
        check_vote(rule, vote, digest=DIGEST, requested_by="carl")

    with pytest.raises(VoteRefused, match="staging"):
        check("staging")
    check("production")
    check(None)


@pytest.mark.parametrize("requester", ["ana", "Ana ", "ANA"])
def test_whoever_asks_for_the_release_is_not_named_among_those_who_may_vote(requester):
    rule = a_rule([("sre", 1)], {"ana": ["sre"], "ben": ["sre"]})

    assert may_vote(rule, requester) == ("ben",)
