from infra.local.component import Site
from infra.local.vault import OPENBAO, config, root_token


def test_secrets_are_named_in_the_configuration_and_never_written_there(site: Site):
    OPENBAO.prepare(site)

    written = config(site)

    assert root_token(site.home).read_text() not in written
    assert str(root_token(site.home)) in written
    assert str(site.home.vault / "unseal.key") in written


def test_the_unseal_key_is_made_once_and_private(site: Site):
    OPENBAO.prepare(site)
    key = site.home.vault / "unseal.key"
    first = key.read_bytes()
    OPENBAO.prepare(site)

    assert len(first) == 32
    assert key.read_bytes() == first
    assert key.stat().st_mode & 0o777 == 0o600
    assert root_token(site.home).stat().st_mode & 0o777 == 0o600


def test_an_initialization_that_was_cut_short_starts_anew(site: Site):
    (site.home.vault / "data").mkdir()
    (site.home.vault / "data" / "vault.db").touch()
    (site.home.approles / "data").mkdir()

    OPENBAO.prepare(site)

    assert list((site.home.vault / "data").iterdir()) == []
    assert not (site.home.approles / "data").exists()


def test_a_configured_vault_keeps_its_data(site: Site):
    (site.home.vault / "data").mkdir()
    (site.home.vault / "data" / "vault.db").touch()
    (site.home.vault / "configured").touch()

    OPENBAO.prepare(site)

    assert (site.home.vault / "data" / "vault.db").exists()
