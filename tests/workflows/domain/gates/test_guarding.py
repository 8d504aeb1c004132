"""What a policy's words on identity and duties make of the gates of a plan."""

import pytest

from tests.builders import a_catalog, a_release, a_runbook, an_order, build_of
from tests.workflows.domain.facts_of import a_change, a_provenance, facts_of
from workflows.domain.admission.admission import admit
from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.vote import may_vote
from workflows.domain.people.identity import Assurance
from workflows.domain.risk.facts import ChangeFacts, Shipped, Standing


def gate_of(admission):
    (stage,) = admission.plan.stages
    return stage.gate


def proven(**more):
    return a_catalog(gated=True, identity="proven", **more)


def test_a_policy_that_says_nothing_asks_for_proven_identity():
    catalog = a_catalog(gated=True)
    del catalog["policies"]["guarded"]["identity"]

    gate = gate_of(admit(an_order(catalog=catalog, requested_by="eve")))

    assert gate.identity is Assurance.PROVEN


def test_a_gate_traces_everybody_and_counts_those_it_asks():
    """Who is not asked is told so, and not that nobody knows them."""
    gate = gate_of(admit(an_order(catalog=proven(), requested_by="eve")))

    assert gate.accounts == {f"oidc:{name}@local": name for name in ("ana", "ben", "eve")}
    assert may_vote(gate, "eve") == ("ana", "ben")


def test_where_names_are_asserted_no_account_is_looked_up():
    assert gate_of(admit(an_order(catalog=a_catalog(gated=True)))).accounts == {}


def test_whoever_asked_is_barred_at_every_gate_where_they_hold_a_role():
    admission = admit(an_order(catalog=proven(), requested_by="ana"))

    assert gate_of(admission).barred == {"ana": "asked for this release"}
    assert [str(bar) for bar in admission.duties] == ["ana asked for this release"]


def test_a_gate_that_nobody_can_prove_to_be_asked_at_never_opens():
    catalog = proven()
    for person in catalog["people"].values():
        person["accounts"] = {}

    with pytest.raises(PolicyViolated, match="no token can prove ana, ben: give them"):
        admit(an_order(catalog=catalog, requested_by="eve"))


def test_an_account_that_two_people_claim_denies_the_release():
    catalog = proven()
    catalog["people"]["ben"]["accounts"] = {"oidc": ["ana@local"]}

    with pytest.raises(PolicyViolated, match="oidc:ana@local is claimed by ana and ben"):
        admit(an_order(catalog=catalog, requested_by="eve"))


def test_whoever_asks_must_have_proven_it_where_identity_is_proven():
    with pytest.raises(PolicyViolated, match="carl only asserts to have asked: start it with"):
        admit(an_order(catalog=proven(), requested_by="carl"), facts_of())


def test_before_the_start_nobody_has_proven_to_ask_and_that_is_no_problem():
    assert gate_of(admit(an_order(catalog=proven(), requested_by="carl"))).barred == {}


def test_a_look_before_the_start_shows_the_plan_to_somebody_who_has_not_proven_anything():
    separation = {"separationOfDuties": {"distinct": ["trigger", "approver"]}}
    order = an_order(catalog=proven(policy=separation), requested_by="carl")

    admission = admit(order, facts_of().model_copy(update={"foreseen": True}))

    assert may_vote(gate_of(admission), "carl") == ("ana", "ben")


def test_whom_the_token_proves_is_barred_whatever_name_the_order_came_with():
    order = an_order(catalog=proven(), requested_by="carl")

    assert gate_of(admit(order, facts_of("ana"))).barred == {"ana": "asked for this release"}


def test_the_authors_of_the_change_are_barred_by_their_commits():
    catalog = proven()
    catalog["people"]["ana"]["accounts"]["git"] = ["ana@acme.example"]
    facts = facts_of("eve", change=ChangeFacts(sources=(a_change("Ana@acme.example"),)))

    gate = gate_of(admit(an_order(catalog=catalog, requested_by="eve"), facts))

    assert gate.barred == {"ana": "wrote a part of the change of checkout"}


def test_an_author_whom_nobody_knows_denies():
    facts = facts_of("eve", change=ChangeFacts(sources=(a_change("stranger@acme.example"),)))

    with pytest.raises(PolicyViolated, match=r"git:stranger@acme\.example, who wrote a"):
        admit(an_order(catalog=proven(), requested_by="eve"), facts)


def test_authors_that_were_left_out_deny_where_authors_must_be_known():
    catalog = proven(policy={"separationOfDuties": {"distinct": ["author", "approver"]}})
    catalog["people"]["eve"]["accounts"]["git"] = ["eve@acme.example"]
    change = a_change("eve@acme.example").model_copy(update={"complete": False})

    with pytest.raises(PolicyViolated, match="nobody can be shown not to be author: the change"):
        admit(
            an_order(catalog=catalog, requested_by="eve"),
            facts_of("eve", change=ChangeFacts(sources=(change,))),
        )


def test_whoever_wrote_the_runbook_is_barred():
    catalog = proven(runbooks={"by-hand": a_runbook(author="ben")})
    release = a_release()
    release["spec"]["rollback"] = {"runbookRef": "by-hand"}

    gate = gate_of(admit(an_order(release, catalog, requested_by="eve"), facts_of("eve")))

    assert gate.barred == {"ben": "wrote the runbook by-hand"}


def test_where_names_are_asserted_an_unknown_asker_is_a_remark():
    order = an_order(catalog=a_catalog(gated=True), requested_by="carl")

    admission = admit(order, facts_of())

    assert [remark[:4] for remark in admission.remarks] == ["carl"]


def test_a_duty_that_the_policy_names_must_be_known():
    separation = {"separationOfDuties": {"distinct": ["author", "approver"]}}

    with pytest.raises(PolicyViolated, match="separation of duties names the author, and nothin"):
        admit(an_order(catalog=proven(policy=separation), requested_by="eve"), facts_of("eve"))


def test_who_may_vote_is_part_of_what_is_decided():
    """Another asker bars somebody else, so approvals of the one do not count for the other."""
    by_ana, by_ben = (
        admit(an_order(catalog=proven(), requested_by=name)).decision_digest
        for name in ("ana", "ben")
    )

    assert by_ana != by_ben


def test_whoever_waives_is_held_to_the_same_as_whoever_votes():
    """Also where nobody has to approve: a waiver must not be the way round identity."""
    catalog = proven()
    guarding = catalog["policies"]["guarded"]
    del guarding["approvals"]["require"]
    rule = {"require": [{"role": "sre", "count": 2}]}
    waiver = {"roles": ["sre"]}
    guarding["decisionMatrix"] = {
        "inputs": ["risk"],
        "rules": [{"risk": "unassessed", "require": []}, {"risk": ["low", "high"], **rule}],
    }
    guarding["gates"] = [{"name": "tests", "waiver": waiver}]

    (stage,) = admit(an_order(catalog=catalog, requested_by="ana")).plan.stages

    assert stage.gate is None
    assert stage.waiving.identity is Assurance.PROVEN
    assert stage.waiving.accounts["oidc:ben@local"] == "ben"
    assert stage.waiving.barred == {"ana": "asked for this release"}


def test_a_builder_that_is_nobody_s_is_a_remark_unless_the_policy_names_builders():
    built = facts_of("eve", attestations=(a_provenance("https://builder.test/hosted"),))

    admission = admit(an_order(catalog=proven(), requested_by="eve"), built)
    assert any("build:https://builder.test/hosted" in told for told in admission.remarks)

    named = {"separationOfDuties": {"distinct": ["builder", "approver"]}}
    with pytest.raises(PolicyViolated, match="is mapped to no person"):
        admit(an_order(catalog=proven(policy=named), requested_by="eve"), built)

    named["separationOfDuties"]["machines"] = ["build:https://builder.test/hosted"]
    order = an_order(catalog=proven(policy=named), requested_by="eve")
    assert admit(order, built).remarks == ()


def test_a_role_that_is_handed_over_is_its_holder_s_no_more():
    catalog = proven()
    until = "2026-12-01T00:00:00Z"
    catalog["people"]["ana"]["delegates"] = {"to": "eve", "until": until}

    gate = gate_of(admit(an_order(catalog=catalog, requested_by="ben"), facts_of("ben")))

    assert may_vote(gate, "ben") == ("eve",)
    assert gate.accounts["oidc:eve@local"] == "eve"


def test_a_barred_person_hands_nothing_over():
    catalog = proven()
    catalog["people"]["ana"]["delegates"] = {"to": "eve", "until": "2026-12-01T00:00:00Z"}

    gate = gate_of(admit(an_order(catalog=catalog, requested_by="ana"), facts_of("ana")))

    assert may_vote(gate, "ana") == ("ben",)


@pytest.mark.parametrize("to", ["zoe", "ana"])
def test_a_delegation_that_leads_to_nobody_denies(to):
    catalog = proven()
    catalog["people"]["ana"]["delegates"] = {"to": to, "until": "2026-12-01T00:00:00Z"}

    with pytest.raises(PolicyViolated, match=f"ana delegates to {to}, who is no other person"):
        admit(an_order(catalog=catalog, requested_by="eve"), facts_of("eve"))


def test_authors_who_are_left_out_of_the_range_deny_where_they_must_be_known():
    catalog = proven(policy={"separationOfDuties": {"distinct": ["author", "approver"]}})
    catalog["people"]["eve"]["accounts"]["git"] = ["eve@acme.example"]
    change = ChangeFacts(sources=(a_change("eve@acme.example"),))
    standing = Standing(
        pattern=build_of("pattern", "1"), shipped=(Shipped(service="checkout", head="c" * 40),)
    )
    order = an_order(catalog=catalog, requested_by="eve")

    with pytest.raises(PolicyViolated, match="nobody can be shown not to be author: checkout"):
        admit(order, facts_of("eve", change=change, standing=standing))
