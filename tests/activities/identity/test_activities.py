"""Whom a token proves: by its issuer's keys, for one statement, and only who is known."""

import pytest

from activities.identity import IdentityActivities, IssuerKeys
from tests.builders import build_of
from tests.fakes.identity import FakeIdentity, FakeIssuer, trusted
from workflows.domain.errors import ProofRefused, Unavailable
from workflows.domain.people.identity import AccountKind
from workflows.domain.people.statement import Statement
from workflows.ports.identity import VerifyStatement, VerifyTrigger

STATEMENT = Statement(
    release="release/shop/abc",
    run="run-1",
    gate="production",
    digest=build_of("plan", "1"),
    decision="approve",
)
ACCOUNTS = {"oidc:ana@local": "ana", "oidc:ben@local": "ben"}
PEOPLE = {"ana": {"roles": ["sre"], "accounts": {"oidc": ["ana@local"], "ci": ["ana@ci"]}}}
OTHER = STATEMENT.model_copy(update={"run": "run-2"})


@pytest.fixture
def identity():
    return FakeIdentity()


def ask(proof, statement=STATEMENT, accounts=ACCOUNTS):
    return VerifyStatement(statement=statement, proof=proof, accounts=accounts)


def test_a_token_proves_the_person_whose_account_it_names(identity):
    proof = identity.issuer.token("ana", STATEMENT)

    proven = identity.verify_statement(ask(proof))

    assert (proven.person, proven.account, proven.roles) == ("ana", "oidc:ana@local", ("sre",))
    assert proven.statement == STATEMENT.nonce
    assert proof not in proven.model_dump_json()


def test_a_token_for_another_statement_decides_nothing(identity):
    proof = identity.issuer.token("ana", OTHER)

    with pytest.raises(ProofRefused, match="stands for another statement"):
        identity.verify_statement(ask(proof))


def test_a_person_s_token_for_another_order_starts_nothing(identity):
    proof = identity.issuer.token("ana", OTHER)

    with pytest.raises(ProofRefused, match="stands for another statement"):
        identity.verify_trigger(VerifyTrigger(statement=STATEMENT, proof=proof, people=PEOPLE))


def test_a_pipeline_s_token_starts_what_it_has_no_statement_for(identity):
    """Whoever issues it knows of no statement; it names who began the pipeline."""
    pipelines = identity.pipelines
    proof = pipelines.sign(pipelines.claims("ana", actor="ana", repository="acme/shop"))

    asked = VerifyTrigger(statement=STATEMENT, proof=proof, people=PEOPLE)

    assert identity.verify_trigger(asked).person == "ana"


def test_nothing_that_is_logged_or_raised_holds_the_token(identity):
    """A message is printed by whoever handles it, and so must not print what it carries."""
    proof = identity.issuer.token("eve", STATEMENT)

    with pytest.raises(ProofRefused) as refused:
        identity.verify_statement(ask(proof))

    assert "eve@local is nobody whom the catalog knows here" in str(refused.value)
    for part in proof.split("."):
        assert part not in str(refused.value)
        assert part not in repr(ask(proof))
        assert part not in str(ask(proof))


def test_a_token_of_somebody_else_s_issuer_is_refused(identity):
    stranger = FakeIssuer("https://stranger.test")

    with pytest.raises(ProofRefused, match=r"from 'https://stranger.test'; trusted here is "):
        identity.verify_statement(ask(stranger.token("ana", STATEMENT)))


def test_a_stranger_who_claims_to_be_the_issuer_is_refused(identity):
    stranger = FakeIssuer(identity.issuer.url)

    with pytest.raises(ProofRefused, match="has no key"):
        identity.verify_statement(ask(stranger.token("ana", STATEMENT)))


def test_a_pipeline_decides_nothing():
    issuer = FakeIssuer()
    ci = trusted(issuer, name="github", kind=AccountKind.CI)
    identity = IdentityActivities([ci], lambda it: IssuerKeys(it.url, client=issuer.client))

    with pytest.raises(ProofRefused, match="a person decides"):
        identity.verify_statement(ask(issuer.token("ana", STATEMENT)))


def test_an_issuer_that_is_away_is_asked_again_later(identity):
    identity.issuer.down = True

    with pytest.raises(Unavailable):
        identity.verify_statement(ask(identity.issuer.token("ana", STATEMENT)))
