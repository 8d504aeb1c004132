"""How the stack starts what is not a server of others: worker, traffic and emulator."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.component import Site
from infra.local.ours import ALERTS, LOAD, MOTO, REPOSITORY, WORKER
from tests.infra.local.answering import answering


def test_the_worker_is_told_files_and_no_secret_by_its_environment(site: Site):
    told = WORKER.environment(site)

    assert told["LOCKGATE_SETTINGS"] == str(site.home.settings)
    assert told["TEMPORAL_CONFIG_FILE"] == str(site.home.temporal_config)
    assert not set(told.values()) & set(site.credentials.model_dump().values())


def test_the_worker_runs_every_pool_on_the_interpreter_of_the_command(site: Site):
    assert WORKER.command(site) == [sys.executable, "-m", "workers.main", "all"]
    assert (WORKER.directory / "workers" / "main.py").exists()


def test_the_worker_waits_for_all_that_its_pools_sign_in_to():
    assert set(WORKER.needs) == {"temporal", "openbao", "postgres", "seaweedfs"}


def test_the_shop_s_traffic_goes_through_the_envoy_of_production(site: Site):
    command = LOAD.command(site)

    assert command[command.index("--url") + 1] == site.url("envoy-production-checkout")
    assert "--seed" in command
    assert Path(command[1]).is_file()
    assert LOAD.needs == ("envoy-production",)


def test_the_traffic_serves_nothing_so_that_running_is_healthy():
    assert LOAD.problem is None


def test_the_emulator_listens_on_loopback(site: Site):
    command = MOTO.command(site)

    assert command[command.index("-H") + 1] == "127.0.0.1"
    assert command[command.index("-p") + 1] == str(site.ports["moto"])


def test_the_door_for_alerts_is_told_the_file_of_its_token_and_needs_temporal_alone(site: Site):
    ALERTS.prepare(site)
    command = ALERTS.command(site)
    token = Path(command[command.index("--token-file") + 1])

    assert token.read_text().strip() == site.credentials.alerts
    assert token.stat().st_mode & 0o777 == 0o600
    assert command[command.index("--port") + 1] == str(site.ports["alerts"])
    assert set(ALERTS.environment(site)) == {"TEMPORAL_CONFIG_FILE"}
    assert ALERTS.needs == ("temporal",)


@pytest.mark.parametrize(
    ("component", "path"),
    [(WORKER, "/readyz"), (MOTO, "/moto-api/data.json"), (ALERTS, "/healthz")],
)
def test_it_is_well_once_it_answers_on_its_own_port(site: Site, component, path):
    with answering() as server:
        site = replace(site, ports=site.ports | {component.name: server.port})
        server.status = 503

        assert "status 503" in component.problem(site)
        server.status = 200
        assert component.problem(site) is None

    assert set(server.paths) == {path}
    assert "no answer" in component.problem(site)


def test_the_repository_is_where_the_examples_are():
    assert (REPOSITORY / "examples" / "shop").is_dir()
