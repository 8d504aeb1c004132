import pytest

from workers.renewed import FRESH_FOR, Renewed


class Vault:
    def __init__(self):
        self.keys = {"access_key": "a", "secret_key": "hunter2"}
        self.reads = 0

    def __call__(self):
        self.reads += 1
        return dict(self.keys)


@pytest.fixture
def vault():
    return Vault()


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def client(vault, now):
    return Renewed(vault, lambda keys: [keys["access_key"]], clock=lambda: now[0])


def test_one_client_serves_while_its_keys_are_fresh(client, vault):
    assert client() is client()
    assert vault.reads == 1


def test_nothing_is_asked_of_the_vault_before_the_first_use(client, vault):
    assert vault.reads == 0


def test_keys_that_were_rotated_are_taken_up(client, vault, now):
    client()
    vault.keys["access_key"] = "b"
    now[0] = FRESH_FOR.total_seconds()

    assert client() == ["b"]


def test_the_client_stays_when_its_keys_did_not_change(client, vault, now):
    before = client()
    now[0] = FRESH_FOR.total_seconds()

    assert client() is before
    assert vault.reads == 2


def test_keys_do_not_print(client):
    client()

    assert "hunter2" not in repr(client)
