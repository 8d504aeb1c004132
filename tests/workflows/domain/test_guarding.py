"""What a policy's words on identity and duties make of the gates of a plan."""

import pytest

from tests.builders import a_catalog, an_order
from workflows.domain.admission import admit
from workflows.domain.errors import PolicyViolated
from workflows.domain.identity import Assurance
from workflows.domain.vote import may_vote


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


def test_a_gate_knows_by_which_accounts_its_people_are_traced():
    gate = gate_of(admit(an_order(catalog=proven(), requested_by="eve")))

    assert gate.accounts == {"oidc:ana@local": "ana", "oidc:ben@local": "ben"}
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


def test_whoever_asks_must_be_known_where_identity_is_proven():
    with pytest.raises(PolicyViolated, match="production: carl, who asked for this release, is m"):
        admit(an_order(catalog=proven(), requested_by="carl"))


def test_where_names_are_asserted_an_unknown_asker_is_a_remark():
    admission = admit(an_order(catalog=a_catalog(gated=True), requested_by="carl"))

    assert [remark[:4] for remark in admission.remarks] == ["carl"]


def test_a_duty_that_the_policy_names_must_be_known():
    separation = {"separationOfDuties": {"distinct": ["author", "approver"]}}

    with pytest.raises(PolicyViolated, match="separation of duties names the author, and nothin"):
        admit(an_order(catalog=proven(policy=separation), requested_by="eve"))


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
