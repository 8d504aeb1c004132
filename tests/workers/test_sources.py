import asyncio

import pytest

from infra.settings import Settings
from workers.parts import Parts
from workers.sources import sources_of
from workflows.domain.names import Queue

CLOUD = {"type": "cloudwatch", "endpoint": "http://127.0.0.1:1"}


class Vault:
    def keep_alive(self):
        """Be there."""


@pytest.fixture
def parts_of(tmp_path):
    loop = asyncio.new_event_loop()
    platform = {
        "type": "supervisor",
        "control": str(tmp_path),
        "include_dir": str(tmp_path),
        "work_dir": str(tmp_path / "work"),
    }

    def make(**metrics):
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "platforms": {"staging": platform},
                "metrics": metrics,
            }
        )
        return Parts(
            settings=settings, queue=Queue.MONITORING, vault=Vault(), client=None, loop=loop
        )

    yield make
    loop.close()


def test_each_entry_becomes_the_source_of_its_type(parts_of):
    sources, needs = sources_of(
        parts_of(
            staging={"type": "exposition", "url": "http://envoy.test"},
            production={"type": "prometheus", "url": "http://prometheus.test"},
            cloud=CLOUD,
        )
    )

    assert {name: source.type for name, source in sources.items()} == {
        "staging": "exposition",
        "production": "prometheus",
        "cloud": "cloudwatch",
    }
    assert [need.setting for need in needs] == [
        "metrics.staging.url",
        "metrics.production.url",
        "metrics.cloud",
    ]


def test_pages_of_versions_are_found_where_the_platform_of_the_same_name_publishes(parts_of):
    url = "http://envoy.test"
    sources, _ = sources_of(
        parts_of(
            staging={"type": "exposition", "url": url}, moon={"type": "exposition", "url": url}
        )
    )

    assert sources["staging"]._instances.parts[-2:] == ("work", "instances")
    assert sources["moon"]._instances is None


def test_a_moments_points_are_complete_as_late_as_the_settings_say(parts_of):
    every = {"scrape_interval_seconds": 5, "late_seconds": 30}
    sources, _ = sources_of(
        parts_of(
            one={"type": "prometheus", "url": "http://prometheus.test", **every},
            two={**CLOUD, "settle_seconds": 90},
        )
    )

    assert (sources["one"].settles, sources["two"].settles) == (35, 90)


def test_keys_of_a_cloud_come_from_the_vault(parts_of):
    _, without = sources_of(parts_of(cloud=CLOUD))
    _, with_keys = sources_of(parts_of(cloud={**CLOUD, "credentials": "aws/metrics"}))

    assert len(without) == 1
    assert [need.setting for need in with_keys] == ["vault.approles (monitoring)", "metrics.cloud"]
