"""`lockgate policy`: the words and exit codes of what needs no server."""

import json

import jsonschema
import pytest
from typer.testing import CliRunner

from starters.cli import app
from starters.exit_codes import ExitCode
from starters.failures import NobodyAnswers
from workflows.domain.rules.reads import input_schema

RULES = """package lockgate

deny contains "steep" if {
	input.weight > 50
}

warn contains "late" if {
	input.hour > 18
	input.hour < 24
}
"""
TESTS = """package lockgate_test

import data.lockgate

test_steep if "steep" in lockgate.deny with input as {"weight": 60}
"""


@pytest.fixture
def rules(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prod.rego").write_text(RULES)
    (tmp_path / "prod_test.rego").write_text(TESTS)
    return tmp_path


@pytest.fixture
def lockgate():
    def run(*arguments):
        return CliRunner().invoke(app, arguments)

    return run


def test_tests_that_pass_are_counted_and_missed_lines_named(rules, lockgate):
    result = lockgate("policy", "test", ".")

    assert result.exit_code == ExitCode.OK
    assert result.output == (
        "missed prod.rego: lines 7, 9\n1 of 1 tests passed; 60 % of the lines reached\n"
    )


def test_too_few_reached_lines_fail_where_so_many_are_asked_for(rules, lockgate):
    result = lockgate("policy", "test", ".", "--coverage", "90")

    assert result.exit_code == ExitCode.ERROR
    assert result.output.endswith("expected at least 90 % of the lines\n")


def test_a_test_that_fails_is_named_with_its_line(rules, lockgate):
    (rules / "prod_test.rego").write_text(TESTS + "\ntest_wrong if count(lockgate.deny) == 3\n")

    result = lockgate("policy", "test", ".")

    assert result.exit_code == ExitCode.ERROR
    assert "FAILED lockgate_test.test_wrong  prod_test.rego:7\n" in result.output


def test_programs_are_told_the_same(rules, lockgate):
    found = json.loads(lockgate("policy", "test", ".", "-o", "json").output)

    assert [test["outcome"] for test in found["tests"]] == ["passed"]
    assert found["coverage"]["percent"] == 60.0


def test_the_input_of_rules_is_printed_for_the_last_environment(lockgate, shop, monkeypatch):
    monkeypatch.setattr("starters.planning.foreseeing.converse", away)

    found = json.loads(lockgate("policy", "input", "release.yaml", "--by", "carl").output)

    assert found["environment"] == "production"
    assert found["facts"]["change"] is None
    assert found["catalog"]["files"] == {}
    jsonschema.validate(found, input_schema())


def test_an_environment_that_it_does_not_go_to_is_named(lockgate, shop, monkeypatch):
    monkeypatch.setattr("starters.planning.foreseeing.converse", away)

    result = lockgate("policy", "input", "release.yaml", "--by", "carl", "--environment", "stagin")

    assert result.exception.code == ExitCode.USAGE
    assert "did you mean staging?" in str(result.exception)


def away(_work):
    raise NobodyAnswers("Temporal does not answer")
