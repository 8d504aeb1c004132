import asyncio

import pytest

from infra.settings import EcrStore, S3Store, Settings
from workers.parts import Parts
from workers.stores import stores_of
from workflows.domain.names import Queue

LOCAL = S3Store(type="s3", bucket="b", endpoint="http://127.0.0.1:1", credentials="s3/local")
AWS = EcrStore(type="ecr", region="eu-west-1")


class Vault:
    def __init__(self):
        self.asked = []

    def read_secret(self, path):
        self.asked.append(path)
        return {"access_key": "AKIA", "secret_key": "hunter2"}

    def keep_alive(self):
        self.asked.append("keep_alive")


@pytest.fixture
def vault():
    return Vault()


@pytest.fixture
def parts(tmp_path, vault):
    settings = Settings.model_validate(
        {
            "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
            "ledger": {"url": "sqlite://"},
            "artifacts": {"builds": LOCAL.model_dump(), "images": AWS.model_dump()},
        }
    )
    loop = asyncio.new_event_loop()
    yield Parts(settings=settings, queue=Queue.CLOUD, vault=vault, client=None, loop=loop)
    loop.close()


def test_the_vault_is_needed_where_a_store_names_credentials(parts):
    _, needs = stores_of(parts)

    assert [(need.setting, need.address) for need in needs] == [
        ("vault.approles (cloud)", "http://127.0.0.1:1"),
        ("artifacts.builds", "bucket b at http://127.0.0.1:1"),
        ("artifacts.images", "registry at AWS eu-west-1"),
    ]
