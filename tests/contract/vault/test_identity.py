"""One suite for who decides, on a real OpenBao's OpenID provider and on the fake of one."""

import json
import tomllib
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from activities.identity import IdentityActivities, Issuer, IssuerKeys
from infra.local import vault_setup
from infra.sign_in import SignIn
from starters.failures import CommandFailed
from starters.identity.oidc import Asking, Provider, claims_of
from starters.identity.signing_in import prove
from starters.identity.vault_login import revoke, signed_in
from tests.builders import build_of
from tests.fakes.identity import CLIENT, FakeIssuer, trusted
from workflows.domain.errors import ProofRefused
from workflows.domain.people.statement import Statement
from workflows.ports.identity import VerifyStatement

STATEMENT = Statement(
    release="release/shop/abc",
    run="run-1",
    gate="production",
    digest=build_of("plan", "1"),
    decision="approve",
    reason="read it",
)
ACCOUNTS = {f"oidc:{name}@local": name for name in ("ana", "ben", "eve")}


@dataclass
class World:
    """A provider with ana and ben of sre and eve of product, and what trusts it."""

    sign_in: SignIn
    issuer: Issuer
    client: httpx.Client
    held: dict[str, str]
    """Vault tokens by person."""
    password: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def token(self, who: str, statement: Statement = STATEMENT) -> str:
        environment = {
            "LOCKGATE_OIDC_ISSUER": self.sign_in.issuer,
            "LOCKGATE_OIDC_CLIENT_ID": self.sign_in.client_id,
            "LOCKGATE_OIDC_SCOPES": " ".join(self.sign_in.scopes),
            "LOCKGATE_VAULT_TOKEN": self.held[who],
        }
        return prove(statement, environment=environment, client=self._fresh())

    def verify(self, proof: str, statement: Statement = STATEMENT, **trust: Any) -> Any:
        issuer = Issuer(**{**vars(self.issuer), **trust})
        keys = IssuerKeys(issuer.url, client=self.client)
        identity = IdentityActivities([issuer], lambda _: keys)
        return identity.verify_statement(
            VerifyStatement(statement=statement, proof=proof, accounts=ACCOUNTS)
        )

    def _fresh(self) -> httpx.Client:
        """`prove` closes what it was given."""
        return self.more["client"]()


@pytest.fixture
def fake():
    issuer = FakeIssuer()
    held = {f"s.{who}": who for who in issuer.groups}
    issuer.vault_tokens.update(held)
    return World(
        sign_in=SignIn(issuer=issuer.url, client_id=CLIENT, scopes=("openid", "groups")),
        issuer=trusted(issuer),
        client=issuer.client,
        held={who: token for token, who in held.items()},
        more={"client": lambda: httpx.Client(transport=httpx.MockTransport(issuer.answer))},
    )


@pytest.fixture
def real(openbao, site_of):
    """OpenBao as the local stack sets it up: the very functions, and a login of each person."""
    site = site_of(openbao.url)
    openbao.root.sys.enable_auth_method("userpass")
    vault_setup._introduce_people(openbao.root, site.home.vault / "people.json")
    vault_setup._provide_identity(openbao.root, site)
    known = SignIn.model_validate(tomllib.loads(site.home.identity.read_text()))
    passwords = json.loads((site.home.vault / "people.json").read_text())
    client = httpx.Client(trust_env=False)
    yield World(
        sign_in=known,
        issuer=Issuer(
            name="local", url=known.issuer, audience=known.client_id, account_claim="username"
        ),
        client=client,
        held={
            who: signed_in(known, client, user=who, password=passwords[who])
            for who in ("ana", "ben", "eve")
        },
        password=passwords["ana"],
        more={"client": lambda: httpx.Client(trust_env=False)},
    )
    client.close()


@pytest.fixture(params=["fake", "real"])
def world(request):
    return request.getfixturevalue(request.param)


def test_whoever_is_signed_in_proves_a_statement_with_account_and_groups(world):
    proven = world.verify(world.token("ana"))

    assert (proven.person, proven.account) == ("ana", "oidc:ana@local")
    assert proven.roles == ("sre",)
    assert proven.statement == STATEMENT.nonce


def test_each_token_is_another_proof(world):
    one, other = (world.verify(world.token("ben")) for _ in range(2))

    assert one.person == other.person == "ben"
    assert one.proof != other.proof


@pytest.mark.parametrize("change", [{"run": "run-2"}, {"decision": "reject"}, {"gate": "eu"}])
def test_a_token_of_one_statement_proves_no_other(world, change):
    proof = world.token("ana")

    with pytest.raises(ProofRefused, match="another statement"):
        world.verify(proof, STATEMENT.model_copy(update=change))


def test_a_token_for_another_client_is_refused(world):
    with pytest.raises(ProofRefused, match="expected 'another-client'"):
        world.verify(world.token("ana"), audience="another-client")


def test_a_token_of_another_issuer_is_refused(world):
    with pytest.raises(ProofRefused, match=r"trusted here is https://elsewhere\.test"):
        world.verify(world.token("ana"), url="https://elsewhere.test")


def test_a_claim_that_was_changed_is_refused(world):
    header, claims, signature = world.token("eve").split(".")
    _, other, _ = world.token("ana").split(".")

    with pytest.raises(ProofRefused, match="signature"):
        world.verify(f"{header}.{other}.{signature}")
    assert claims != other


def test_a_vault_s_token_of_nobody_gets_no_identity(world):
    world.held["ana"] = "s.made-up"

    with pytest.raises(CommandFailed, match="answered 40"):
        world.token("ana")


def test_a_code_without_its_verifier_is_worth_nothing(world):
    provider = Provider(world.sign_in, world.client)
    asking = Asking(nonce=STATEMENT.nonce, redirect="http://127.0.0.1/callback")
    code = provider.code_with(world.held["ana"], asking)

    with pytest.raises(CommandFailed, match="answered 400"):
        provider.token_for(code, Asking(nonce=asking.nonce, redirect=asking.redirect))


def test_a_code_is_worth_one_token(world):
    provider = Provider(world.sign_in, world.client)
    asking = Asking(nonce=STATEMENT.nonce, redirect="http://127.0.0.1/callback")
    code = provider.code_with(world.held["ana"], asking)
    assert claims_of(provider.token_for(code, asking))["nonce"] == STATEMENT.nonce

    with pytest.raises(CommandFailed, match="answered 400"):
        provider.token_for(code, asking)


def test_any_port_of_this_machine_may_be_sent_the_code(world):
    """The page that a browser comes back to is on a port that was free."""
    provider = Provider(world.sign_in, world.client)
    asking = Asking(nonce=STATEMENT.nonce, redirect="http://127.0.0.1:54321/callback")

    code = provider.code_with(world.held["ana"], asking)

    assert claims_of(provider.token_for(code, asking))["nonce"] == STATEMENT.nonce


def test_no_other_machine_may_be_sent_the_code(real):
    provider = Provider(real.sign_in, real.client)
    asking = Asking(nonce=STATEMENT.nonce, redirect="http://elsewhere.test/callback")

    with pytest.raises(CommandFailed, match="answered 40"):
        provider.code_with(real.held["ana"], asking)


def test_a_signed_out_person_proves_nothing_more(real):
    assert revoke(real.sign_in, real.client, real.held["ana"])

    with pytest.raises(CommandFailed, match="answered 403"):
        real.token("ana")


def test_whoever_lost_a_group_lost_its_role_with_the_next_token(real, openbao):
    openbao.root.write_data("identity/group", data={"name": "sre", "member_entity_ids": []})

    assert real.verify(real.token("ana")).roles == ()


def test_keys_that_were_rotated_are_found(real, openbao):
    keys = IssuerKeys(real.issuer.url, client=real.client, clock=iter(range(0, 1000, 20)).__next__)
    identity = IdentityActivities([real.issuer], lambda _: keys)
    ask = {"statement": STATEMENT, "accounts": ACCOUNTS}
    identity.verify_statement(VerifyStatement(proof=real.token("ana"), **ask))

    openbao.root.write_data("identity/oidc/key/lockgate/rotate", data={"verification_ttl": "0"})

    proof = real.token("ana")
    assert identity.verify_statement(VerifyStatement(proof=proof, **ask)).person == "ana"
