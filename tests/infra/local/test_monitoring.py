"""What Prometheus and Alertmanager are told, and what is said where they cannot be had."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.component import Site
from infra.local.errors import NotAvailable
from infra.local.monitoring import ALERTMANAGER, PROMETHEUS, prometheus_config
from tests.infra.local.answering import answering


@pytest.fixture
def unpacked(site: Site) -> Site:
    return replace(site, monitoring=site.home.root / "components" / "monitoring" / "usr" / "bin")


def options(command):
    return dict(word.split("=", 1) for word in command if word.startswith("--") and "=" in word)


@pytest.mark.parametrize("component", [PROMETHEUS, ALERTMANAGER])
def test_without_its_programs_a_component_is_not_available(site: Site, component):
    with pytest.raises(NotAvailable, match="was not unpacked"):
        component.command(site)


@pytest.mark.parametrize("component", [PROMETHEUS, ALERTMANAGER])
def test_it_listens_on_loopback_and_reads_the_file_that_was_prepared(unpacked: Site, component):
    component.prepare(unpacked)
    told = options(component.command(unpacked))
    file = Path(told["--config.file"])

    assert told["--web.listen-address"] == f"127.0.0.1:{unpacked.ports[component.name]}"
    assert file.is_relative_to(unpacked.home.data(component.name))
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())


def test_what_was_measured_is_kept_beside_the_stack(unpacked: Site):
    told = options(PROMETHEUS.command(unpacked))

    assert told["--storage.tsdb.path"] == str(unpacked.home.data("prometheus") / "data")


def test_alertmanager_joins_no_cluster_and_starts_where_its_templates_are(unpacked: Site):
    command = ALERTMANAGER.command(unpacked)

    assert options(command)["--cluster.listen-address"] == ""
    assert command[0] == "env"
    assert options(command)["--chdir"].endswith("share/prometheus/alertmanager")


def test_the_worker_and_the_alertmanager_are_known_to_prometheus(site: Site):
    config = prometheus_config(site)
    jobs = {job["job_name"]: job.get("static_configs") for job in config["scrape_configs"]}
    (alerting,) = config["alerting"]["alertmanagers"]

    assert jobs["lockgate-worker"] == [{"targets": [f"127.0.0.1:{site.ports['worker']}"]}]
    assert alerting["static_configs"][0]["targets"] == [f"127.0.0.1:{site.ports['alertmanager']}"]


def test_versions_are_scraped_from_where_the_platforms_publish_them(site: Site):
    PROMETHEUS.prepare(site)
    jobs = {job["job_name"]: job for job in prometheus_config(site)["scrape_configs"]}
    (discovered,) = jobs["versions"]["file_sd_configs"]

    folders = [Path(pattern).parent for pattern in discovered["files"]]

    assert folders == [site.home.platform(name) / "targets" for name in ("staging", "production")]
    assert all(folder.is_dir() for folder in folders)
    assert jobs["versions"]["honor_labels"]


def test_rules_that_are_dropped_into_the_folder_are_read(site: Site):
    PROMETHEUS.prepare(site)
    (pattern,) = prometheus_config(site)["rule_files"]
    rule = Path(pattern).parent / "mine.yml"
    rule.touch()

    PROMETHEUS.prepare(site)

    assert list(Path(pattern).parent.glob(Path(pattern).name)) == [rule]


def test_alerts_of_the_local_stack_go_to_nobody(site: Site):
    ALERTMANAGER.prepare(site)
    file = site.home.data("alertmanager") / "alertmanager.yml"
    config = json.loads(file.read_text())

    assert config["receivers"] == [{"name": config["route"]["receiver"]}]


@pytest.mark.parametrize("component", [PROMETHEUS, ALERTMANAGER])
def test_it_is_well_once_it_says_that_it_is_ready(site: Site, component):
    with answering() as server:
        site = replace(site, ports=site.ports | {component.name: server.port})
        server.status = 503

        assert "status 503" in component.problem(site)
        server.status = 200
        assert component.problem(site) is None
        assert set(server.paths) == {"/-/ready"}
