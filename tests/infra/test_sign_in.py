import pytest

from infra.sign_in import SignInUnusable, sign_in

BOTH = {"LOCKGATE_OIDC_ISSUER": "https://id.acme.test", "LOCKGATE_OIDC_CLIENT_ID": "cli"}


def local(tmp_path, text):
    (tmp_path / "identity.toml").write_text(text)
    return {"LOCKGATE_HOME": str(tmp_path)}


def test_the_environment_says_where_people_sign_in(tmp_path):
    stack = local(tmp_path, 'issuer = "http://127.0.0.1:1/p"\nclient_id = "local"\n')

    found = sign_in({**stack, **BOTH, "LOCKGATE_OIDC_SCOPES": "openid groups"})

    assert (found.issuer, found.client_id) == ("https://id.acme.test", "cli")
    assert found.scopes == ("openid", "groups")


def test_else_the_local_stack_s_file_does(tmp_path):
    stack = local(tmp_path, 'issuer = "http://127.0.0.1:1/p"\nclient_id = "local"\n')

    assert sign_in(stack).client_id == "local"


def test_else_nobody_does(tmp_path):
    assert sign_in({"LOCKGATE_HOME": str(tmp_path)}) is None


@pytest.mark.parametrize("half", list(BOTH))
def test_half_of_it_is_a_mistake(half):
    with pytest.raises(SignInUnusable, match="set both"):
        sign_in({half: BOTH[half]})


def test_an_address_that_anybody_could_answer_for_is_refused():
    with pytest.raises(SignInUnusable, match="an https address"):
        sign_in({**BOTH, "LOCKGATE_OIDC_ISSUER": "http://id.acme.test"})


@pytest.mark.parametrize("text", ["not toml", 'issuer = "http://127.0.0.1:1"\n', "x = 1\n"])
def test_a_file_that_is_not_in_order_is_named(tmp_path, text):
    with pytest.raises(SignInUnusable, match=r"identity\.toml"):
        sign_in(local(tmp_path, text))
