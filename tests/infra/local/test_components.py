import pytest

from infra.local.component import Site
from infra.local.components import COMPONENTS, component, select
from infra.local.errors import StackError
from infra.local.monitoring import prometheus_config


def test_each_component_comes_after_what_it_needs():
    seen: set[str] = set()
    for one in COMPONENTS:
        assert seen.issuperset(one.needs), one.name
        seen.add(one.name)


@pytest.mark.parametrize("emulator", ["aws", "moto"])
def test_an_emulator_is_started_only_when_asked_for(emulator: str):
    assert emulator not in {one.name for one in select()}
    assert emulator in {one.name for one in select(added=frozenset({emulator}))}


def test_what_always_runs_cannot_be_added():
    with pytest.raises(StackError, match="--with worker: can only add aws, moto"):
        select(added=frozenset({"worker"}))


def test_the_worker_can_be_left_out_and_the_vault_cannot():
    assert "worker" not in {one.name for one in select(without=frozenset({"worker"}))}
    with pytest.raises(StackError, match="--without openbao: can only leave out load, worker"):
        select(without=frozenset({"openbao"}))


def test_an_unknown_component_is_named_beside_those_there_are():
    with pytest.raises(StackError, match=r"vault: no such component; there are openbao"):
        component("vault")


def test_no_program_is_given_a_secret_as_argument(site: Site):
    secrets = site.credentials.model_dump().values()
    runnable = [one for one in COMPONENTS if one.name not in {"prometheus", "alertmanager"}]

    for one in runnable:
        spoken = " ".join(one.command(site)) + str(one.environment(site))
        assert not any(secret in spoken for secret in secrets), one.name


def test_prometheus_scrapes_each_envoy_under_its_environment(site: Site):
    envoys = prometheus_config(site)["scrape_configs"][0]

    assert envoys["metrics_path"] == "/stats/prometheus"
    assert {group["labels"]["environment"] for group in envoys["static_configs"]} == {
        "staging",
        "production",
    }
