import pytest

from infra.settings import Settings
from workers.parts import Parts, connector, login_of
from workflows.domain.names import Queue


class Vault:
    def __init__(self):
        self.asked = []

    def read(self, path):
        self.asked.append(path)
        return {"data": {"username": f"user-{len(self.asked)}", "password": "p"}}


@pytest.fixture
def vault():
    return Vault()


@pytest.fixture
def parts(tmp_path, vault):
    settings = Settings.model_validate(
        {
            "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
            "ledger": {"url": f"sqlite:///{tmp_path / 'ledger.db'}"},
        }
    )
    return Parts(settings=settings, queue=Queue.AUDIT, vault=vault, client=None, loop=None)


def test_the_token_of_whoever_starts_the_worker_is_not_used(monkeypatch):
    monkeypatch.setenv("VAULT_TOKEN", "somebody-elses")

    assert connector("http://127.0.0.1:1")().token != "somebody-elses"


def test_a_proxy_of_the_shell_has_no_part_in_it(monkeypatch, parts):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    assert connector("http://127.0.0.1:1")().session.trust_env is False
    assert parts.http.trust_env is False


def test_every_client_has_a_limit_to_its_waiting(parts):
    assert connector("http://127.0.0.1:1")()._adapter._kwargs["timeout"] == 10
    assert None not in (parts.http.timeout.connect, parts.http.timeout.read)


def test_each_connection_to_the_ledger_takes_a_login_of_its_own(parts, vault):
    first, second = login_of(vault, "ledger-write"), login_of(vault, "ledger-write")

    assert (first, second) == (("user-1", "p"), ("user-2", "p"))
    assert vault.asked == ["database/creds/ledger-write"] * 2


def test_the_ledgers_ping_asks_the_database_each_time(parts, tmp_path):
    need = parts.ledger_need

    need.ping()
    (tmp_path / "ledger.db").write_bytes(b"not a database, not even nearly" * 100)
    parts.ledger._engine.dispose()

    with pytest.raises(Exception, match=r"ledger|database"):
        need.ping()
