"""`lockgate risk` and `retrospective`: what needs no server; the rest is in tests/engine."""

import pytest
from typer.testing import CliRunner

from starters.cli import app
from starters.exit_codes import ExitCode
from starters.main import run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("risk", "explain", "--help"), "A release file, or a release's name or id."),
        (("risk", "calibrate", "--help"), "Exit code 14 while the score may not decide"),
        (("retrospective", "list", "--help"), "An overdue one keeps its services from"),
        (("retrospective", "close", "--help"), "not by who asked for it"),
    ],
)
def test_help_teaches(words, said):
    answer = CliRunner().invoke(app, words)

    assert answer.exit_code == 0
    assert said in " ".join(answer.output.split())
    assert "Examples:" in answer.output


def test_a_file_that_is_not_in_order_is_told_before_anybody_is_asked(tmp_path, capsys):
    file = tmp_path / "release.yaml"
    file.write_text("kind: Nothing\n", encoding="utf-8")

    code = run(["risk", "explain", str(file)])

    assert code == ExitCode.USAGE
    assert "release.yaml:1" in capsys.readouterr().err


def test_a_catalog_that_is_not_in_order_has_no_model(tmp_path, capsys, monkeypatch):
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "risk.yaml").write_text(
        "apiVersion: lockgate.dev/v1alpha1\nkind: RiskModel\nmetadata: {name: ours}\n"
        "spec: {levels: {medium: 80, high: 60}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)

    code = run(["risk", "calibrate"])

    assert code == ExitCode.USAGE
    assert "medium 80 must be above 0 and below high 60" in capsys.readouterr().err


def test_a_finding_is_needed():
    answer = CliRunner().invoke(app, ["retrospective", "close", "shop"])

    assert answer.exit_code == 2
    assert "--finding" in answer.output
