import json

from infra.local.credentials import keep_credentials
from infra.local.home import Home


def test_credentials_are_made_once_and_kept_private(home: Home):
    made = keep_credentials(home)

    assert keep_credentials(home) == made
    assert home.credentials.stat().st_mode & 0o777 == 0o600


def test_a_credential_that_a_newer_version_adds_is_made_once(home: Home):
    made = keep_credentials(home)
    older = made.model_dump()
    del older["alerts"]
    home.credentials.write_text(json.dumps(older))

    added = keep_credentials(home)

    assert added.postgres_vault == made.postgres_vault
    assert added.alerts != made.alerts
    assert keep_credentials(home) == added


def test_two_stacks_share_no_password(home: Home, tmp_path):
    other = Home(tmp_path / "other")
    other.create()

    first = set(keep_credentials(home).model_dump().values())
    second = set(keep_credentials(other).model_dump().values())

    assert len(first | second) == 2 * len(type(keep_credentials(home)).model_fields)


def test_printing_them_shows_none(home: Home):
    made = keep_credentials(home)

    assert not any(secret in repr(made) for secret in made.model_dump().values())
