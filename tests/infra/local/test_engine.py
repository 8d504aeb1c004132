"""How Temporal's server is started, and how its clients find it."""

import tomllib
from dataclasses import replace

import pytest
from temporalio.envconfig import ClientConfig

from infra.local.component import Site
from infra.local.engine import NAMESPACE, TEMPORAL
from tests.infra.local.answering import answering


def option(command, name):
    return command[command.index(name) + 1]


def test_it_listens_on_loopback_at_the_ports_of_the_stack(site: Site):
    command = TEMPORAL.command(site)

    assert option(command, "--ip") == "127.0.0.1"
    assert {
        name: option(command, flag)
        for name, flag in {
            "temporal": "--port",
            "temporal-http": "--http-port",
            "temporal-ui": "--ui-port",
            "temporal-metrics": "--metrics-port",
        }.items()
    } == {name: str(port) for name, port in site.ports.items() if name.startswith("temporal")}


def test_releases_are_kept_in_a_file_that_outlives_the_process(site: Site):
    TEMPORAL.prepare(site)
    file = option(TEMPORAL.command(site), "--db-filename")

    assert file == str(site.home.data("temporal") / "temporal.db")
    assert site.home.data("temporal").stat().st_mode & 0o777 == 0o700


def test_preparing_again_keeps_what_is_there(site: Site):
    TEMPORAL.prepare(site)
    kept = site.home.data("temporal") / "temporal.db"
    kept.touch()

    TEMPORAL.prepare(site)

    assert kept.exists()


def test_temporal_s_own_configuration_names_server_and_namespace(site: Site):
    TEMPORAL.prepare(site)

    written = site.home.temporal_config.read_text()
    profile = ClientConfig.load(config_source=site.home.temporal_config).profiles["default"]

    assert profile.address == f"127.0.0.1:{site.ports['temporal']}"
    assert profile.namespace == NAMESPACE
    assert set(tomllib.loads(written)) == {"profile"}


def test_the_server_is_not_well_before_it_has_the_namespace(site: Site):
    """It answers a moment earlier, and a worker that came then would be turned away."""
    with answering() as server:
        site = replace(site, ports=site.ports | {"temporal-http": server.port})
        server.status = 404

        assert "status 404" in TEMPORAL.problem(site)
        server.status = 200
        assert TEMPORAL.problem(site) is None
        assert set(server.paths) == {f"/api/v1/namespaces/{NAMESPACE}"}


@pytest.mark.parametrize("setting", ["timerProcessorMaxTimeShift", "transferProcessorMaxPollRPS"])
def test_seconds_long_stages_do_not_wait_for_a_cluster_s_batches(site: Site, setting):
    command = TEMPORAL.command(site)
    values = [command[n + 1] for n, word in enumerate(command) if word == "--dynamic-config-value"]

    assert any(value.startswith(f"history.{setting}=") for value in values)
