"""`lockgate evidence`: what is typed, and what needs no server."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from starters.cli import app
from starters.exit_codes import ExitCode
from tests.attesting import BUILD, OTHER, a_key, a_statement, an_envelope, pem_of, results
from workflows.domain.attestations import statement as types

KEY = a_key()
VERDICT = {"verifier": {"id": "v"}, "timeCreated": "2026-11-10T09:00:00Z", "properties": []}


def test_files_are_added_to_one_build(typed):
    code, asked = typed(
        "evidence.add",
        *("evidence", "add", "a.xml", "b.xml", "--artifact", BUILD[7:], "--type", "sarif"),
        *("--release", "shop", "--by", "ana"),
    )

    assert code == 0
    assert asked["args"] == ([Path("a.xml"), Path("b.xml")],)
    assert (asked["artifact"], asked["type"], asked["by"]) == (BUILD, "sarif", "ana")
    assert asked["release"] == "shop"


def test_a_list_is_of_builds_or_of_a_release(typed):
    _, asked = typed("evidence.listed", "evidence", "list", "--artifact", BUILD, "--release", "s")

    assert asked["args"] == ([BUILD],)
    assert asked["release"] == "s"


def test_a_file_is_fetched_by_its_digest(typed):
    _, asked = typed("evidence.get", "evidence", "get", BUILD, "--to", "x.json")

    assert (asked["args"], asked["to"]) == ((BUILD,), Path("x.json"))


@pytest.fixture
def lockgate(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("ours.pem").write_text(pem_of(a_key()) + pem_of(KEY))
    Path("theirs.pem").write_text(pem_of(a_key()))
    Path("go.json").write_bytes(an_envelope(a_statement(types.VERIFICATION, VERDICT), KEY))
    Path("tests.json").write_bytes(an_envelope(a_statement(types.TEST_RESULT, results()), KEY))
    Path("plain.json").write_text("{}")

    def run(*words):
        return CliRunner().invoke(app, ["evidence", "verify", *words])

    return run


def test_a_signed_decision_is_verified_offline(lockgate):
    result = lockgate("go.json", "--key", "ours.pem", "--artifact", BUILD)

    assert result.exit_code == ExitCode.OK
    assert result.output == f"go.json: verified by ours.pem: go, about {BUILD}\n"


def test_what_it_says_is_told_to_programs(lockgate):
    said = json.loads(lockgate("tests.json", "--key", "ours.pem", "-o", "json").output)

    assert (said["verified"], said["signedBy"], said["subjects"]) == (True, ["ours.pem"], [BUILD])
    assert (said["decision"], said["predicateType"]) == (None, types.TEST_RESULT)
    assert said["predicate"]["result"] == "PASSED"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("go.json", "--key", "theirs.pem"), "no signature of it is by any of the keys"),
        (("plain.json", "--key", "ours.pem"), "it is no envelope of a statement"),
        (
            ("go.json", "--key", "ours.pem", "--artifact", OTHER),
            f"it is about {BUILD}, not about {OTHER}",
        ),
    ],
)
def test_what_is_not_as_signed_is_not_verified(lockgate, words, why):
    result = lockgate(*words)

    assert result.exit_code == ExitCode.AUDIT_BROKEN
    assert why in result.output
