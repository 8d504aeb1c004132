from dataclasses import replace
from pathlib import Path

from infra.local.component import Site
from infra.local.settings_file import write_settings
from infra.settings import load_settings


def test_the_written_settings_are_what_the_worker_reads(site: Site):
    write_settings(site)

    settings = load_settings(site.home.settings)

    assert settings.vault.address == site.url("openbao")
    assert settings.worker.http_port == site.ports["worker"]
    assert settings.ledger.vault_role == "lockgate-ledger"
    assert settings.ledger.url == (
        f"postgresql+psycopg://127.0.0.1:{site.ports['postgres']}/lockgate?sslmode=disable"
    )
    assert set(settings.artifacts) == {"builds", "staging", "production"}
    for named in (
        settings.routers,
        settings.platforms,
        settings.metrics,
        settings.databases,
        settings.journeys,
    ):
        assert set(named) == {"staging", "production"}
    assert set(settings.flags) == {"staging", "production"}


def test_versions_reach_their_neighbours_through_their_own_environment(site: Site):
    write_settings(site)

    staging = load_settings(site.home.settings).platforms["staging"]

    assert staging.environ["PAYMENTS_URL"] == site.url("envoy-staging-payments")
    assert staging.environ["DATABASE_FILE"].endswith("platform/staging/database.json")


def test_versions_may_read_the_flags_that_releases_set(site: Site):
    write_settings(site)

    settings = load_settings(site.home.settings)

    assert settings.platforms["staging"].environ["FLAGS_FILE"] == str(
        settings.flags["staging"].file
    )


def test_journeys_enter_where_customers_do(site: Site):
    write_settings(site)

    entrance = load_settings(site.home.settings).journeys["production"]

    assert entrance.base_urls["checkout"] == site.url("envoy-production-checkout")
    assert (entrance.mark_header, entrance.mark_value) == ("x-synthetic", "lockgate")
    assert entrance.secrets_under == "journeys/production"


def test_metrics_come_from_envoy_where_prometheus_cannot_be_had(site: Site):
    write_settings(site)
    without = load_settings(site.home.settings).metrics["production"]
    write_settings(replace(site, monitoring=Path("programs")))
    with_prometheus = load_settings(site.home.settings).metrics["production"]

    assert without.type == "exposition"
    assert without.url == site.url("envoy-production-admin") + "/stats/prometheus"
    assert with_prometheus.type == "prometheus"


def test_alerts_are_silenced_where_there_is_an_alertmanager(site: Site):
    write_settings(site)
    without = load_settings(site.home.settings).alerts
    write_settings(replace(site, monitoring=Path("programs")))
    alerts = load_settings(site.home.settings).alerts

    assert without == {}
    assert set(alerts) == {"staging", "production"}
    assert alerts["production"].url == site.url("alertmanager")
    assert alerts["production"].prometheus == site.url("prometheus")


def test_settings_hold_no_secret(site: Site):
    write_settings(site)

    written = site.home.settings.read_text()

    assert not any(secret in written for secret in site.credentials.model_dump().values())


def test_environments_are_made_where_the_emulator_was_asked_for(site: Site):
    write_settings(site)
    without = load_settings(site.home.settings).environments
    write_settings(replace(site, added=frozenset({"aws"})))
    preview = load_settings(site.home.settings).environments["preview"]

    assert without == {}
    assert preview.type == "cloudformation"
    assert preview.endpoint == site.url("aws")
