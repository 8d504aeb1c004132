from pathlib import Path

import pytest
from typer.testing import CliRunner

from starters.commands.dev import app

runner = CliRunner()


def test_status_of_a_stack_that_is_down_says_how_to_start_it(tmp_path: Path):
    result = runner.invoke(app, ["status", "--home", str(tmp_path)])

    assert result.exit_code == 1
    assert "lockgate dev up" in result.stdout


def test_status_is_json_for_programs(tmp_path: Path):
    result = runner.invoke(app, ["status", "-o", "json", "--home", str(tmp_path)])

    assert result.stdout == "[]\n"


def test_a_wrong_component_is_answered_with_the_right_ones(tmp_path: Path):
    result = runner.invoke(app, ["kill", "vault", "--home", str(tmp_path)])

    assert result.exit_code == 1
    assert "there are openbao" in result.stderr


def test_a_missing_log_is_answered_with_those_there_are(tmp_path: Path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "worker.log").write_text("started\n")

    result = runner.invoke(app, ["logs", "wroker", "--home", str(tmp_path)])

    assert result.exit_code == 1
    assert "there are: worker" in result.stderr


def test_a_log_is_shown_from_its_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "worker.log").write_text("one\ntwo\nthree\n")

    result = runner.invoke(app, ["logs", "worker", "-n", "2", "--home", str(tmp_path)])

    assert result.exit_code == 0
    assert capfd.readouterr().out == "two\nthree\n"


def test_down_twice_is_harmless(tmp_path: Path):
    result = runner.invoke(app, ["down", "--home", str(tmp_path / "never")])

    assert result.exit_code == 0
    assert "nothing was running" in result.stdout


@pytest.mark.parametrize("command", ["up", "down", "status", "logs", "kill", "restart"])
def test_every_command_has_examples(command: str):
    result = runner.invoke(app, [command, "--help"])

    assert f"lockgate dev {command}" in result.stdout
