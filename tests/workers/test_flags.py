import asyncio
import socket

import pytest

from infra.settings import Settings
from workers.flags import flags_of
from workers.parts import Parts
from workflows.domain.errors import TargetMissing
from workflows.domain.names import Queue
from workflows.domain.values import Provider, Target
from workflows.ports.flags import ObserveFlag


class Vault:
    def keep_alive(self):
        """Signed in as the pool."""


@pytest.fixture
def parts(tmp_path):
    def build(**flags):
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "flags": flags,
            }
        )
        return Parts(settings=settings, queue=Queue.FLAGS, vault=Vault(), client=None, loop=loop)

    loop = asyncio.new_event_loop()
    yield build
    loop.close()


def observe(type: str, connection: str) -> ObserveFlag:
    provider = Provider(type=type, connection=connection)
    target = Target(service="ledger", environment="production")
    return ObserveFlag(target=target, provider=provider, key="new-posting")


def test_each_connection_is_the_file_of_its_name(parts, tmp_path):
    file = tmp_path / "production.json"
    file.write_text('{"flags": {"new-posting": {"state": "ENABLED", "variants": {"on": true}}}}')
    entries = {"production": {"type": "flagd", "file": str(file)}}

    port, needs = flags_of(parts(**entries))

    assert port.observe_flag(observe("flagd", "production")).enabled
    with pytest.raises(TargetMissing, match="flag provider flagd/staging is not in"):
        port.observe_flag(observe("flagd", "staging"))
    assert [need.setting for need in needs] == ["flags.production.file"]


def test_appconfig_is_asked_with_the_keys_of_its_own_pool(parts):
    profile = {"application": "a1", "environment": "e1", "profile": "p1", "strategy": "s1"}
    entry = {"type": "appconfig", "region": "eu-west-1", "credentials": "aws/flags", **profile}

    _, needs = flags_of(parts(production=entry))

    assert [(need.setting, need.address) for need in needs] == [
        ("vault.approles (flags)", "http://127.0.0.1:1"),
        ("flags.production", "profile a1/p1 at AWS eu-west-1"),
    ]


def test_an_evaluation_endpoint_is_one_where_somebody_listens(parts, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://user:hunter2@127.0.0.1:{listener.getsockname()[1]}/flags"
        file = {"type": "flagd", "file": str(tmp_path / "f.json"), "ofrep": address}

        _, (_, endpoint) = flags_of(parts(production=file))
        endpoint.ping()

    assert "hunter2" not in endpoint.address
    with pytest.raises(ConnectionRefusedError):
        endpoint.ping()
