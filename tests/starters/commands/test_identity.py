from pathlib import Path


def test_login_takes_a_name_and_a_file_and_never_a_password(typed):
    code, asked = typed("identity.login", "login", "--user", "ana", "--password-file", "secret")

    assert (code, asked["user"], asked["password_file"]) == (0, "ana", Path("secret"))
    assert typed("identity.login", "login", "--password", "secret")[0] == 2


def test_whoami_may_ask_about_a_catalog(typed):
    assert typed("identity.whoami", "whoami", "--catalog", "c")[1]["catalog"] == Path("c")


def test_logout_needs_nothing(typed):
    assert typed("identity.logout", "logout")[0] == 0
