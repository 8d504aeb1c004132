import asyncio
from pathlib import Path

import pytest

from infra.settings import Settings
from tests.contract.on_ecs import write_template
from workers import platforms
from workers.parts import Parts
from workers.platforms import platforms_of
from workflows.domain.errors import TargetMissing, Unavailable
from workflows.domain.names import Queue
from workflows.domain.values import Provider, Target
from workflows.ports.deploy import ObserveDeployment

CLOUD = {"type": "ecs", "cluster": "shop", "images": "r/", "credentials": "aws/deploy"}


class Vault:
    def read_secret(self, path):
        return {"access_key": f"of {path}", "secret_key": "hunter2"}

    def keep_alive(self):
        """The vault of these tests is always there."""


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def parts(tmp_path: Path, loop):
    templates = write_template(tmp_path / "ecs")

    def make(**entries):
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "platforms": {
                    name: {"templates": str(templates), **entry} for name, entry in entries.items()
                },
            }
        )
        return Parts(settings=settings, queue=Queue.CLOUD, vault=Vault(), client=None, loop=loop)

    return make


def test_a_cluster_is_asked_for_with_keys_of_the_vault_and_pinged_for_its_services(
    parts, monkeypatch
):
    asked = []

    def aws_client(_parts, service, entry):
        asked.append((service, entry.credentials))

        class Ecs:
            def list_services(self, **more):
                asked.append(more)

        return Ecs

    monkeypatch.setattr(platforms, "aws_client", aws_client)

    _, needs = platforms_of(parts(production={**CLOUD, "region": "eu-west-1"}))
    needs[-1].ping()

    assert asked == [("ecs", "aws/deploy"), {"cluster": "shop", "maxResults": 1}]
    assert [(need.setting, need.address) for need in needs] == [
        ("vault.approles (cloud)", "http://127.0.0.1:1"),
        ("platforms.production", "cluster shop at AWS eu-west-1"),
    ]


def test_each_platform_answers_under_its_type_and_connection(parts):
    away = {**CLOUD, "endpoint": "http://127.0.0.1:1"}
    deploy, _ = platforms_of(parts(production=away))
    target = Target(service="checkout", environment="production")

    for kind, error in (("ecs", Unavailable), ("supervisor", TargetMissing)):
        provider = Provider(type=kind, connection="production")
        with pytest.raises(error):
            deploy.observe_deployment(ObserveDeployment(target=target, platform=provider))
