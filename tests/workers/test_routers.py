import asyncio

import pytest

from activities.traffic.alb import AlbRouter
from activities.traffic.envoy import EnvoyRouter
from activities.traffic.route53 import Route53Router
from infra.settings import Settings, SettingsError
from workers.parts import Parts
from workers.routers import routers_of
from workflows.domain.errors import TargetMissing
from workflows.domain.names import Queue
from workflows.domain.values import Provider

KINDS = {"mesh": EnvoyRouter, "dns": Route53Router, "edge": AlbRouter}
TYPES = {"mesh": "envoy", "dns": "route53", "edge": "alb"}


class Vault:
    def __init__(self):
        self.asked = []

    def read_secret(self, path):
        self.asked.append(path)
        return {"access_key": "AKIA", "secret_key": "hunter2"}

    def keep_alive(self):
        self.asked.append("keep_alive")


@pytest.fixture
def settings(tmp_path):
    aws = {"endpoint": "http://127.0.0.1:1", "region": "eu-west-1"}
    return {
        "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
        "ledger": {"url": "sqlite://"},
        "routers": {
            "mesh": {
                "type": "envoy",
                "config_dir": str(tmp_path),
                "admin_url": "http://127.0.0.1:1",
                "listeners": {"shop": 1},
            },
            "dns": {
                "type": "route53",
                "zone_id": "Z1",
                "names": {"shop": "shop.example.test"},
                "target": "{arm}.example.test",
                "credentials": "dns/keys",
                **aws,
            },
            "edge": {
                "type": "alb",
                "listener_arn": "arn:listener/one",
                "hosts": {"shop": "shop.example.test"},
                "priorities": {"shop": 10},
                **aws,
            },
        },
        "platforms": {
            "mesh": {
                "type": "supervisor",
                "control": str(tmp_path / "supervisor.sock"),
                "include_dir": str(tmp_path),
                "work_dir": str(tmp_path),
            }
        },
    }


@pytest.fixture
def parts():
    loop = asyncio.new_event_loop()
    vault = Vault()

    def made(settings):
        read = Settings.model_validate(settings)
        return Parts(settings=read, queue=Queue.TRAFFIC, vault=vault, client=None, loop=loop)

    yield made
    loop.close()


def test_each_entry_is_a_router_of_its_type(parts, settings):
    traffic, _ = routers_of(parts(settings))

    for name, kind in KINDS.items():
        router = traffic._router_for(Provider(type=TYPES[name], connection=name))
        assert isinstance(router, kind)
    with pytest.raises(TargetMissing):
        traffic._router_for(Provider(type="alb", connection="dns"))


def test_nobody_is_asked_before_the_first_use_and_the_keys_come_from_the_vault(parts, settings):
    made = parts(settings)

    _, needs = routers_of(made)

    assert made.vault.asked == []
    assert [(need.setting, need.address) for need in needs] == [
        ("vault.approles (traffic)", "http://127.0.0.1:1"),
        ("routers.mesh.admin_url", "http://127.0.0.1:1"),
        ("routers.dns", "zone Z1 at http://127.0.0.1:1"),
        ("routers.edge", "listener arn:listener/one at http://127.0.0.1:1"),
    ]


def test_the_vault_is_needed_only_where_an_entry_names_credentials(parts, settings):
    del settings["routers"]["dns"]["credentials"]

    _, needs = routers_of(parts(settings))

    assert "vault.approles (traffic)" not in {need.setting for need in needs}


def test_an_envoy_without_a_platform_of_its_name_has_nothing_to_route_to(parts, settings):
    settings["platforms"] = {}

    with pytest.raises(SettingsError, match=r"routers\.mesh: there is no platforms\.mesh"):
        routers_of(parts(settings))
