import asyncio

import pytest

from infra.settings import Settings
from workers.journeys import journeys_of
from workers.parts import Parts
from workflows.domain.errors import TargetMissing
from workflows.domain.names import Queue
from workflows.domain.values import Provider

ENTRANCE = {"type": "http", "base_urls": {"checkout": "http://127.0.0.1:9/shop"}}


class Vault:
    def __init__(self):
        self.asked = []

    def read_secret(self, path):
        self.asked.append(path)
        return {"password": "hunter2"}

    def keep_alive(self):
        """Signed in as the pool."""


@pytest.fixture
def parts(tmp_path):
    def build(**entries):
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "journeys": entries,
            }
        )
        return Parts(
            settings=settings, queue=Queue.JOURNEYS, vault=Vault(), client=None, loop=loop
        )

    loop = asyncio.new_event_loop()
    yield build
    loop.close()


def test_each_connection_is_the_entrance_of_its_name(parts):
    port, _ = journeys_of(parts(staging={**ENTRANCE, "secrets_under": "journeys/staging"}))

    entrance = port._entrance_for(Provider(type="http", connection="staging"))

    assert entrance.base_url("checkout") == "http://127.0.0.1:9/shop"
    assert entrance.secrets_under == "journeys/staging"
    with pytest.raises(TargetMissing, match="http/production is not in"):
        port._entrance_for(Provider(type="http", connection="production"))


def test_secrets_are_read_from_the_vault_and_not_before_they_are_needed(parts):
    made = parts(staging={**ENTRANCE, "secrets_under": "journeys/staging"})

    port, needs = journeys_of(made)

    assert made.vault.asked == []
    assert [need.setting for need in needs] == ["vault.approles (journeys)"]
    assert port._read_secret("journeys/staging/ana") == {"password": "hunter2"}
    assert made.vault.asked == ["kv/journeys/staging/ana"]


def test_journeys_without_secrets_need_no_vault(parts):
    _, needs = journeys_of(parts(staging=ENTRANCE))

    assert needs == ()
