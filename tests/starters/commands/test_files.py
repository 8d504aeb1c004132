import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from starters.cli import app
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import FilesRefused
from starters.files.spec_file import load_order

WATCHED = "criticality normal; 3 failed health checks in a row, one each 10s, turn back"


@pytest.fixture
def lockgate():
    """Run a command line; its code, what it printed, and what was raised for `main` to word."""

    def run(*arguments):
        return CliRunner().invoke(app, arguments)

    return run


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_an_example_that_is_in_order_and_plans(lockgate, here):
    result = lockgate("init", "hello")

    assert result.exit_code == 0
    assert "written: hello/catalog/people.yaml" in result.output
    assert lockgate("lint", "hello").output == "no problems\n"
    assert lockgate("plan", "hello/release.yaml", "--no-measure").exit_code == 0


def test_init_twice_changes_nothing(lockgate, here):
    lockgate("init")
    before = {path: path.read_bytes() for path in here.rglob("*.*")}

    result = lockgate("init")

    assert result.output == (
        "nothing to do: the example is in . already\nnext: lockgate lint release.yaml\n"
    )
    assert {path: path.read_bytes() for path in here.rglob("*.*")} == before


def test_init_never_overwrites(lockgate, here):
    Path("release.yaml").write_text("mine", encoding="utf-8")

    result = lockgate("init")

    assert isinstance(result.exception, CommandFailed)
    assert result.exception.code == ExitCode.USAGE
    assert "not as `init` writes them: release.yaml" in str(result.exception)
    assert [path.name for path in here.iterdir()] == ["release.yaml"]


def test_init_where_nothing_can_be_written_says_so(lockgate, here):
    Path("file").write_text("", encoding="utf-8")

    result = lockgate("init", "file")

    assert isinstance(result.exception, CommandFailed)
    assert "cannot be written" in str(result.exception)


@pytest.mark.usefixtures("shop")
def test_lint_of_what_is_in_order(lockgate):
    result = lockgate("lint", ".")

    assert (result.exit_code, result.output) == (0, "no problems\n")


def test_lint_prints_a_line_a_problem_and_ends_with_2(lockgate, spoil):
    spoil("release.yaml", "a" * 64, "v2")
    spoil("release.yaml", "- name: staging", "- name: stagin")

    result = lockgate("lint", "release.yaml")

    assert result.exit_code == 2
    assert [line.split(": ")[0] for line in result.output.splitlines()] == [
        "release.yaml:9:26",
        "release.yaml:15:13",
    ]


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_lint_speaks_to_programs(lockgate, spoil, form):
    spoil("release.yaml", "- name: staging", "- nam: staging")

    result = lockgate("lint", "release.yaml", "-o", form)

    read = json.loads if form == "json" else YAML(typ="safe").load
    assert result.exit_code == 2
    assert {
        "file": "release.yaml",
        "line": 15,
        "column": 7,
        "field": "spec.environments[0].nam",
        "message": "is not a field here; did you mean name?",
        "severity": "error",
    } in read(result.output)


@pytest.mark.usefixtures("shop")
def test_plan_tells_all_that_is_decided(lockgate):
    lines = lockgate("plan", "release.yaml", "--by", "ana", "--no-measure").output.splitlines()

    assert lines[0] == "shop-v2: A better checkout"
    assert "  decision      not known before the facts are" in lines
    assert "  not assessed  nobody was asked" in lines
    order = load_order(Path("release.yaml"), requested_by="ana")
    assert f"  workflow id   release/shop-v2/{order.manifest_digest[7:19]}" in lines
    assert lines.index("1. staging") < lines.index("2. production")
    assert lines[-1] == "start it with: lockgate start release.yaml --by ana"
    assert lines[lines.index("2. production") + 1 : -2] == [
        "   gate      sre x 1: ben",
        "             within 1h, else denied",
        "             ana asked for this release and cannot approve it",
        "             names are asserted, not proven: the policy says so",
        "   payments  v2  bbbbbbbbbbbb  copied from s3/builds to s3/production",
        "   checkout  v2  aaaaaaaaaaaa  copied from s3/builds to s3/production",
        "             then in postgresql/production: no-orphans = 0",
        (
            "   runs on   supervisor/production, behind envoy/production, seen by "
            "prometheus/production"
        ),
        f"   payments  {WATCHED}",
        f"   checkout  {WATCHED}",
        "   steps      1. requests with x-canary: 1 go to the canary",
        "              2. 10 % of the traffic",
        (
            "              3. watch 2m to 10m, a look each 1m: errors not 5 % more, latency p95 "
            "not 20 % more"
        ),
        "              4. pause 5m",
        "              5. 100 % of the traffic",
        "",
        "takes at least 14m, at most 6h10m with gates and holds; installing comes on top",
    ]


@pytest.mark.usefixtures("shop")
def test_plan_speaks_to_programs(lockgate):
    result = lockgate("plan", "release.yaml", "--by", "carl", "--no-measure", "-o", "json")

    found = json.loads(result.output)
    assert found["takesAtLeast"] == "14m"
    assert found["stages"][0]["gate"] is None
    assert found["stages"][1]["gate"] == {
        "needs": [{"role": "sre", "count": 1, "people": ["ana", "ben"]}],
        "cannotApprove": "carl",
        "openFor": "1h",
        "barred": {},
        "identity": "asserted",
    }


@pytest.mark.usefixtures("shop")
def test_plan_takes_the_name_from_the_environment(lockgate, monkeypatch):
    monkeypatch.setenv("LOCKGATE_USER", "ben")

    assert "  asked for by  ben" in lockgate("plan", "release.yaml", "--no-measure").output


@pytest.mark.usefixtures("shop")
def test_plan_without_temporal_says_that_nobody_measured(lockgate, monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")

    result = lockgate("plan", "release.yaml", "--by", "ana")

    assert result.exit_code == 0
    assert "  traffic not measured: Temporal at 127.0.0.1:1 cannot be reached" in result.output
    assert "10 % of the traffic" in result.output


def test_plan_of_what_is_not_in_order_names_the_problems(lockgate, spoil):
    spoil("release.yaml", "- name: staging", "- name: stagin")

    result = lockgate("plan", "release.yaml")

    assert isinstance(result.exception, FilesRefused)
    assert "did you mean staging?" in str(result.exception)


def test_plan_for_whom_no_gate_would_open_is_denied(lockgate, spoil):
    spoil("catalog/rules.yaml", "count: 1", "count: 2")

    result = lockgate("plan", "release.yaml", "--by", "ana")

    assert isinstance(result.exception, CommandFailed)
    assert result.exception.code == ExitCode.DENIED
    assert str(result.exception).startswith("denied: environment 'production' needs 2 of role sre")


@pytest.mark.parametrize("command", ["init", "lint", "plan"])
def test_help_has_examples(lockgate, command):
    result = lockgate(command, "--help")

    assert result.exit_code == 0
    assert f"lockgate {command}" in result.output.split("Examples:")[1]
