"""Separation of duties over random graphs of accounts and humans."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.people.duties import Duty, Holding, Separation, separate
from workflows.domain.people.identity import Account, AccountKind, IdentityMap

HUMANS = ("ana", "ben", "cyd", "dan")
KINDS = (AccountKind.OIDC, AccountKind.GIT, AccountKind.CI, AccountKind.BUILD)
ACCOUNTS = tuple(Account(kind=kind, id=f"{n}@x") for kind in KINDS for n in range(3))
APART = Separation(distinct=((Duty.AUTHOR, Duty.TRIGGER, Duty.APPROVER),))

owners = st.fixed_dictionaries(
    {account.key: st.sets(st.sampled_from(HUMANS), max_size=2) for account in ACCOUNTS}
)
held = st.lists(
    st.builds(
        Holding,
        duty=st.sampled_from([duty for duty in Duty if duty is not Duty.APPROVER]),
        account=st.sampled_from(ACCOUNTS),
        because=st.just("did it"),
    ),
    max_size=6,
)
separations = st.builds(
    Separation,
    distinct=st.lists(
        st.lists(st.sampled_from(Duty), min_size=2, max_size=4, unique=True).map(tuple),
        min_size=1,
        max_size=3,
    ).map(tuple),
    unmapped=st.sampled_from(["deny", "report"]),
)


def the_map(owned):
    known = {account.key: account for account in ACCOUNTS}
    return IdentityMap(
        {h: [known[key] for key, humans in owned.items() if h in humans] for h in HUMANS}
    )


def accepted(separation, holdings, people, approvers):
    """Whether a decision by *approvers* would be accepted."""
    ruling = separate(separation, holdings, people)
    return not ruling.problems and not set(approvers) & set(ruling.barred)


@given(separations, held, owners, st.sets(st.sampled_from(HUMANS), max_size=3))
def test_no_accepted_decision_has_one_human_in_two_barred_roles(
    separation, holdings, owned, approvers
):
    if not accepted(separation, holdings, the_map(owned), approvers):
        return

    does = {(human, Duty.APPROVER) for human in approvers}
    for each in holdings:
        humans = owned[each.account.key]
        does |= {(human, each.duty) for human in humans if len(humans) == 1}
    for apart in separation.distinct:
        for one, other in combinations(apart, 2):
            assert not [h for h in HUMANS if (h, one) in does and (h, other) in does]


@given(separations, held, owners, st.sampled_from(HUMANS))
def test_nobody_is_kept_out_without_a_duty_of_their_own(separation, holdings, owned, human):
    ruling = separate(separation, holdings, the_map(owned))
    own = {each.duty for each in holdings if owned[each.account.key] == {human}}

    assert (human in ruling.barred) == any(separation.apart(duty, Duty.APPROVER) for duty in own)


@given(held, owners)
def test_an_account_that_leads_to_nobody_denies(holdings, owned):
    named = [h for h in holdings if h.duty in APART.named]
    nobody = [h for h in named if len(owned[h.account.key]) != 1]

    ruling = separate(APART, holdings, the_map(owned))

    told = [problem for problem in ruling.problems if "mapped to no person" in problem]
    assert len(told) == len({(h.account.key) for h in nobody})
    reported = separate(APART.model_copy(update={"unmapped": "report"}), holdings, the_map(owned))
    assert set(reported.remarks) == set(told)


def a_holding(duty, account, because):
    return Holding(duty=duty, account=account, because=because)


MAP = IdentityMap({"ana": [ACCOUNTS[0], ACCOUNTS[3]], "ben": [ACCOUNTS[1]]})


def test_every_reason_for_which_somebody_is_kept_out_is_told():
    ruling = separate(
        Separation(),
        [
            a_holding(Duty.AUTHOR, ACCOUNTS[0], "wrote 3fa9c1"),
            a_holding(Duty.AUTHOR, ACCOUNTS[3], "is a co-author of 77b0d2"),
            a_holding(Duty.TRIGGER, ACCOUNTS[1], "asked for this release"),
        ],
        MAP,
    )

    assert ruling.barred == {
        "ana": "wrote 3fa9c1, is a co-author of 77b0d2",
        "ben": "asked for this release",
    }
    assert ruling.problems == ()


def test_two_duties_of_one_human_that_are_kept_apart_deny_the_release():
    ruling = separate(
        APART,
        [
            a_holding(Duty.AUTHOR, ACCOUNTS[0], "wrote 3fa9c1"),
            a_holding(Duty.TRIGGER, ACCOUNTS[3], "asked for this release"),
        ],
        MAP,
    )

    assert ruling.problems == (
        "ana wrote 3fa9c1 and asked for this release: author and trigger must be different people",
    )


@pytest.mark.parametrize("duty", [d for d in Duty if d is not Duty.APPROVER])
def test_a_duty_that_must_be_known_and_is_not_denies_with_what_to_do(duty):
    separation = Separation(distinct=((duty, Duty.APPROVER),), required=(duty, Duty.APPROVER))

    (problem,) = separate(separation, [], MAP).problems

    assert problem.startswith(f"separation of duties names the {duty}, and nothing tells who")


def test_a_machine_holds_no_duty():
    hosted = Account(kind=AccountKind.BUILD, id="https://builder.test/hosted")
    built = [a_holding(Duty.BUILDER, hosted, "built it")]

    assert separate(Separation(), built, MAP).problems
    assert not separate(Separation(machines=(hosted.key,)), built, MAP).problems
