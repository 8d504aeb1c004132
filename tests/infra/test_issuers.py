import pytest
from pydantic import ValidationError

from infra.issuers import PeopleIssuer, PipelineIssuer


@pytest.mark.parametrize(
    "issuer",
    [
        "http://127.0.0.1:8200/v1/identity/oidc/provider/p",
        "http://[::1]:1",
        "https://id.acme.test",
    ],
)
def test_an_issuer_is_reached_by_https_or_on_this_machine(issuer):
    assert PeopleIssuer(type="people", issuer=issuer, audience="cli").issuer == issuer


@pytest.mark.parametrize(
    "issuer", ["http://id.acme.test", "http://127.0.0.1.acme.test", "file:///etc", "acme", ""]
)
def test_an_issuer_that_others_could_answer_for_is_refused(issuer):
    with pytest.raises(ValidationError, match="an https address"):
        PipelineIssuer(type="pipelines", issuer=issuer, audience="lockgate")


def test_a_token_may_not_prove_anything_for_long():
    with pytest.raises(ValidationError):
        PeopleIssuer(
            type="people", issuer="https://id.acme.test", audience="cli", longest_seconds=86_400
        )
