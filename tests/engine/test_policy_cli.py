"""`lockgate policy` over rulings that releases really left behind."""

import json

import pytest
from ruamel.yaml import YAML

from starters.exit_codes import ExitCode
from tests.builders import API
from tests.workflows.domain.rules.ruled import a_ruled_catalog, a_ruled_order
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target

CHECKOUT = Target(service="checkout", environment="production")
STEEP = 'deny contains "steep" if input.plan.stages[0].promotions[0].weights[0] > 5'
QUIET = 'warn contains "steep" if input.plan.stages[0].promotions[0].weights[0] > 5'
KINDS = {
    "services": "Service",
    "environments": "Environment",
    "strategies": "Strategy",
    "analysisTemplates": "AnalysisTemplate",
    "policies": "Policy",
    "people": "Person",
}


@pytest.fixture
def catalog(tmp_path):
    """Write a catalog whose production is guarded by the rules given."""

    def write(rules):
        documents = a_ruled_catalog(rules)
        for name, text in documents.pop("files").items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        written = [
            {"apiVersion": API, "kind": KINDS[section], "metadata": {"name": name}, "spec": spec}
            for section, found in documents.items()
            for name, spec in found.items()
        ]
        with (tmp_path / "all.yaml").open("w") as file:
            YAML(typ="safe").dump_all(written, file)
        return str(tmp_path)

    return write


@pytest.fixture
async def denied(start, world):
    world.serve(CHECKOUT, "v1")
    started = await start(a_ruled_order(STEEP, environments=("production",)))
    await started.result()
    return started


async def test_what_was_denied_is_newly_allowed_by_milder_rules(denied, lockgate, catalog):
    code, out, err = await lockgate("policy", "backtest", "--catalog", catalog(QUIET))

    assert code == ExitCode.DRIFT, err
    assert out.startswith("newly allowed: 1\n  shop  ")
    assert "ended Denied" in out
    assert "was denied: policy guarded denies production: steep (rules/prod.rego:3)" in out


async def test_the_same_rules_change_nothing(denied, lockgate, catalog):
    code, out, _ = await lockgate("policy", "backtest", "--catalog", catalog(STEEP), "-o", "json")

    assert code == ExitCode.OK
    assert json.loads(out)["counts"]["same"] == 1


async def test_what_was_allowed_is_newly_denied_by_stricter_rules(start, world, lockgate, catalog):
    world.serve(CHECKOUT, "v1")
    started = await start(a_ruled_order(QUIET, environments=("production",)))
    await started.until(lambda status: status.decision_digest is not None)

    code, out, _ = await lockgate("policy", "backtest", "--catalog", catalog(STEEP))

    assert code == ExitCode.DENIED
    assert out.startswith("newly denied: 1\n")


async def test_rulings_are_listed(denied, lockgate):
    code, out, _ = await lockgate("policy", "decisions", "-o", "json")

    assert code == ExitCode.OK
    (entry,) = json.loads(out)
    assert (entry["release"], entry["verdict"]) == (denied.handle.id, "denied")


async def test_a_release_is_explained_by_what_keeps_it_and_by_its_recorded_ruling(
    start, world, lockgate
):
    world.serve(CHECKOUT, "v1")
    started = await start(a_ruled_order(QUIET, environments=("production",)))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)

    code, out, err = await lockgate("explain", started.handle.id, "-o", "json")

    assert code == ExitCode.AWAITING_APPROVAL, err
    found = json.loads(out)
    assert found["blockedBy"]
    assert found["ruling"]["verdict"] == "admitted"
    assert found["ruling"]["says"]["decisionDigest"] == status.decision_digest
