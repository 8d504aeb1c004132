"""Clients of AWS for environments: one for each service, as the settings say."""

import asyncio
import time

import pytest
from botocore.exceptions import EndpointConnectionError

from infra.settings import Settings
from workers.environments import clients_of
from workers.parts import Parts
from workflows.domain.names import Queue


class Vault:
    """Tells of every path that was read."""

    def __init__(self):
        self.read = []

    def read_secret(self, path):
        self.read.append(path)
        return {"access_key": "key", "secret_key": "hunter2"}

    def keep_alive(self):
        """It is always there."""


@pytest.fixture
def parts(tmp_path):
    loop = asyncio.new_event_loop()

    def make(**entry):
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "environments": {"preview": {"type": "cloudformation", **entry}},
            }
        )
        return Parts(
            settings=settings, queue=Queue.ENVIRONMENTS, vault=Vault(), client=None, loop=loop
        )

    yield make
    loop.close()


@pytest.fixture
def clients(parts):
    made = parts(
        region="eu-central-1",
        endpoint="http://127.0.0.1:1",
        endpoints={"s3": "http://127.0.0.1:2"},
        credentials="environments/preview",
    )
    found = clients_of(made, "preview", made.settings.environments["preview"])
    found.read = made.vault.read
    return found


def test_each_service_has_one_client_at_its_own_endpoint_with_keys_of_the_vault(clients):
    s3, sqs = clients("s3"), clients("sqs")

    assert s3.meta.endpoint_url == "http://127.0.0.1:2"
    assert sqs.meta.endpoint_url == "http://127.0.0.1:1"
    assert sqs.meta.region_name == "eu-central-1"
    assert clients("s3") is s3
    assert set(clients.read) == {"kv/environments/preview"}


def test_no_client_is_made_before_it_is_called_for(clients):
    assert clients.read == []


def test_no_service_is_called_more_often_than_the_entry_says(parts):
    """Of two calls in a row, the second one waits; nobody listens at the address."""
    made = parts(endpoint="http://127.0.0.1:1", credentials="a/b", calls_per_second=1)
    clients = clients_of(made, "preview", made.settings.environments["preview"])
    began = time.monotonic()

    for _ in range(2):
        with pytest.raises(EndpointConnectionError):
            clients("sqs").list_queues()

    assert 0.8 <= time.monotonic() - began < 10
