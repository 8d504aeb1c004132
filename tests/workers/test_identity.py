import asyncio
from pathlib import Path

import pytest

from activities.secrets import open_vault
from infra.issuers import PeopleIssuer, PipelineIssuer
from infra.settings import LedgerSettings, Settings, VaultSettings
from workers.identity import identity_of
from workers.parts import Parts
from workflows.domain.errors import ProofRefused, Unavailable
from workflows.domain.names import Queue
from workflows.domain.people.identity import AccountKind
from workflows.domain.people.statement import Statement
from workflows.ports.identity import VerifyStatement

PEOPLE = {"issuer": "http://127.0.0.1:1/people", "audience": "cli", "type": "people"}
PIPELINES = {"issuer": "https://ci.test", "audience": "lockgate", "type": "pipelines"}


def built(**identity):
    settings = Settings(
        vault=VaultSettings(address="http://127.0.0.1:1", approles=Path("approles")),
        ledger=LedgerSettings(url="sqlite://"),
        identity=identity,
    )
    vault = open_vault(lambda: None, Path("approles"))
    loop = asyncio.new_event_loop()
    try:
        parts = Parts(settings=settings, queue=Queue.IDENTITY, vault=vault, client=None, loop=loop)
        return identity_of(parts)
    finally:
        loop.close()


def test_each_issuer_is_trusted_as_its_entry_says():
    port, _ = built(
        local=PeopleIssuer(**PEOPLE, account_claim="username", groups_claim="", roles={"a": "b"}),
        github=PipelineIssuer(**PIPELINES, claims={"repository": "acme/shop"}),
    )

    people, pipelines = (issuer for issuer, _ in port._trusted.values())
    assert (people.name, people.kind, people.account_claim) == (
        "local",
        AccountKind.OIDC,
        "username",
    )
    assert people.groups_claim is None
    assert (pipelines.kind, pipelines.account_claim) == (AccountKind.CI, "actor")
    assert pipelines.claims == {"repository": "acme/shop"}


def test_an_issuer_that_does_not_answer_is_named_by_its_setting():
    _, (need,) = built(local=PeopleIssuer(**PEOPLE))

    assert need.setting == "identity.local.issuer"
    with pytest.raises(Unavailable):
        need.ping()


def test_without_issuers_nobody_is_proven():
    port, needs = built()
    statement = Statement(digest=f"sha256:{'a' * 64}", decision="approve")

    assert needs == ()
    with pytest.raises(ProofRefused):
        port.verify_statement(VerifyStatement(statement=statement, proof="a.b.c", accounts={}))
