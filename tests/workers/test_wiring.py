import pytest

from infra.codec import PayloadCodec
from infra.settings import Settings, SettingsError
from workers.pools import POOLS, chosen
from workers.wiring import Wiring, methods_of, needs_of
from workflows.ports.base import Port


@pytest.fixture
def settings(tmp_path):
    """One connection of every type that settings know; none of them is running."""
    return Settings.model_validate(
        {
            "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path / "approles")},
            "ledger": {"url": f"sqlite:///{tmp_path / 'ledger.db'}"},
            "attestations": {"bucket": "a", "endpoint": "http://127.0.0.1:2"},
            "artifacts": {
                "builds": {
                    "type": "s3",
                    "bucket": "b",
                    "endpoint": "http://127.0.0.1:2",
                    "credentials": "s3/local",
                },
                "images": {"type": "ecr", "endpoint": "http://127.0.0.1:3"},
            },
            "routers": {
                "staging": {
                    "type": "envoy",
                    "config_dir": str(tmp_path),
                    "admin_url": "http://127.0.0.1:4",
                    "listeners": {"checkout": 5},
                },
                "dns": {
                    "type": "route53",
                    "zone_id": "Z1",
                    "names": {"checkout": "checkout.example.test"},
                    "target": "{arm}.versions.example.test",
                    "endpoint": "http://127.0.0.1:3",
                    "credentials": "dns/keys",
                },
                "edge": {
                    "type": "alb",
                    "listener_arn": "arn:listener/one",
                    "hosts": {"checkout": "checkout.example.test"},
                    "priorities": {"checkout": 10},
                    "endpoint": "http://127.0.0.1:3",
                },
            },
            "platforms": {
                "staging": {
                    "type": "supervisor",
                    "control": str(tmp_path / "supervisor.sock"),
                    "include_dir": str(tmp_path),
                    "work_dir": str(tmp_path),
                },
                "cloud": {
                    "type": "ecs",
                    "cluster": "shop",
                    "templates": str(tmp_path),
                    "images": "registry.internal/shop/",
                    "endpoint": "http://127.0.0.1:9",
                },
            },
            "metrics": {
                "staging": {"type": "exposition", "url": "http://127.0.0.1:6/stats"},
                "production": {"type": "prometheus", "url": "http://127.0.0.1:7"},
            },
            "alerts": {
                "staging": {
                    "type": "alertmanager",
                    "url": "http://127.0.0.1:9",
                    "prometheus": "http://127.0.0.1:7",
                    "credentials": "alertmanager/staging",
                }
            },
            "databases": {
                "staging": {
                    "type": "postgresql",
                    "host": "127.0.0.1",
                    "port": 8,
                    "name": "shop",
                    "vault_role": "shop-read",
                }
            },
            "flags": {
                "staging": {
                    "type": "flagd",
                    "file": str(tmp_path / "flags.json"),
                    "ofrep": "http://127.0.0.1:9",
                },
                "production": {
                    "type": "appconfig",
                    "application": "a1",
                    "environment": "e1",
                    "profile": "p1",
                    "strategy": "s1",
                    "endpoint": "http://127.0.0.1:10",
                    "credentials": "aws/flags",
                },
            },
            "notices": {
                "host": "127.0.0.1",
                "sender": "lockgate@shop.test",
                "credentials": "mail/lockgate",
            },
            "environments": {
                "preview": {
                    "type": "cloudformation",
                    "endpoint": "http://127.0.0.1:11",
                    "credentials": "environments/preview",
                }
            },
            "journeys": {
                "staging": {
                    "type": "http",
                    "base_urls": {"checkout": "http://127.0.0.1:9"},
                    "secrets_under": "journeys/staging",
                }
            },
        }
    )


async def served(settings, *pools):
    # Building asks nobody, so that a start can name what is missing; no client is used yet.
    return Wiring(settings, chosen(pools)).served(client=None)


async def test_every_activity_is_served_by_all_pools_together(settings):
    methods = methods_of(await served(settings, "all"))

    assert sorted(m.__name__ for each in methods.values() for m in each) == sorted(Port.methods)


@pytest.mark.parametrize(
    ("pool", "needs"),
    [
        ("stories", set()),
        ("decisions", set()),
        (
            "cloud",
            {
                "vault.approles (cloud)",
                "artifacts.builds",
                "artifacts.images",
                "platforms.staging.control",
                "platforms.cloud",
            },
        ),
        (
            "traffic",
            {
                "vault.approles (traffic)",
                "routers.staging.admin_url",
                "routers.dns",
                "routers.edge",
            },
        ),
        ("journeys", {"vault.approles (journeys)"}),
        ("sources", set()),
        ("environments", {"vault.approles (environments)", "environments.preview"}),
        ("notices", {"vault.approles (notices)"}),
        (
            "flags",
            {
                "vault.approles (flags)",
                "flags.staging.file",
                "flags.staging.ofrep",
                "flags.production",
            },
        ),
        ("monitoring", {"metrics.staging.url", "metrics.production.url"}),
        ("data", {"vault.approles (data)", "ledger.url", "databases.staging.host"}),
        ("vault", {"vault.approles (vault)", "ledger.url"}),
        ("audit", {"ledger.url"}),
        (
            "attestations",
            {"vault.approles (attestations)", "ledger.url", "attestations.bucket"},
        ),
        (
            "alerts",
            {"vault.approles (alerts)", "alerts.staging.url", "alerts.staging.prometheus"},
        ),
    ],
)
async def test_a_pool_asks_only_what_its_ports_need(settings, pool, needs):
    assert {need.setting for need in needs_of(await served(settings, pool))} == needs


async def test_each_pool_signs_in_as_itself(settings):
    needs = needs_of(await served(settings, "all"))

    assert {n.setting for n in needs if n.setting.startswith("vault")} == {
        "vault.approles (alerts)",
        "vault.approles (attestations)",
        "vault.approles (cloud)",
        "vault.approles (data)",
        "vault.approles (environments)",
        "vault.approles (journeys)",
        "vault.approles (flags)",
        "vault.approles (notices)",
        "vault.approles (traffic)",
        "vault.approles (vault)",
    }


async def test_a_ledger_with_leased_logins_needs_the_vault(settings):
    ledger = settings.ledger.model_copy(
        update={"url": "postgresql+psycopg://127.0.0.1:9/ledger", "vault_role": "ledger-write"}
    )

    found = await served(settings.model_copy(update={"ledger": ledger}), "audit")

    assert {n.setting for n in needs_of(found)} == {"vault.approles (audit)", "ledger.url"}


async def test_no_address_of_a_need_holds_a_password(settings):
    ledger = settings.ledger.model_copy(
        update={"url": "postgresql+psycopg://u:hunter2@127.0.0.1:9/ledger"}
    )

    found = await served(settings.model_copy(update={"ledger": ledger}), "all")

    assert not any("hunter2" in need.address for need in needs_of(found))


async def test_whatever_does_not_run_fails_its_ping(settings):
    needs = needs_of(await served(settings, "all"))

    failed = []
    for need in needs:
        try:
            need.ping()
        except Exception:  # noqa: BLE001 - each client has its own way to fail
            failed.append(need.setting)
    assert sorted(failed) == sorted(n.setting for n in needs if n.setting != "ledger.url")


async def test_a_router_needs_the_platform_whose_versions_it_routes_to(settings):
    lacking = settings.model_copy(update={"platforms": {}})

    with pytest.raises(SettingsError, match=r"routers\.staging: there is no platforms\.staging"):
        await served(lacking, "traffic")


async def test_an_envoy_does_not_find_the_versions_of_a_cloud(settings):
    cloud = {"staging": settings.platforms["cloud"]}

    with pytest.raises(SettingsError, match=r"platforms\.staging is of type ecs"):
        await served(settings.model_copy(update={"platforms": cloud}), "traffic")


def test_payloads_are_encrypted_only_where_the_settings_say_so(settings):
    pools = (POOLS["stories"],)
    encrypting = Settings.model_validate(
        settings.model_dump() | {"codec": {"transit_key": "payloads"}}
    )

    assert Wiring(settings, pools).codec() is None
    assert isinstance(Wiring(encrypting, pools).codec(), PayloadCodec)
