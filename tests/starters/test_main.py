"""The console script: mistakes in a sentence, exit codes, and a start-up that imports little."""

import json
import subprocess
import sys

import pytest
import typer
from typer.main import get_command

from starters.cli import app
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import FilesRefused, Place, Problem
from starters.main import run
from workflows.domain.errors import Diverged, TargetMissing, Unavailable

HEAVY = {"temporalio", "boto3", "httpx", "rich", "ruamel", "google", "sqlalchemy"}


def raising(error):
    def verb(*args, **kwargs):
        raise error

    return verb


@pytest.fixture
def broken(monkeypatch):
    """Let `lockgate status` raise what the test chooses."""

    def choose(error):
        monkeypatch.setattr("starters.verbs.watching.status", raising(error))

    return choose


def test_a_failure_is_one_sentence_and_its_code(broken, capsys):
    broken(CommandFailed("no such thing", ExitCode.UNAVAILABLE))

    assert run(["status"]) == ExitCode.UNAVAILABLE
    assert capsys.readouterr().err == "no such thing\n"


def test_refused_files_are_named_a_line_each_and_exit_with_2(broken, capsys):
    broken(FilesRefused([Problem(Place("a.yaml", 3, 1), "spec", "is missing")]))

    assert run(["status"]) == ExitCode.USAGE
    assert capsys.readouterr().err == "a.yaml:3:1: spec: is missing\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TargetMissing("nothing is sealed"), ExitCode.ERROR),
        (Diverged("nothing is sealed"), ExitCode.ERROR),
        (Unavailable("nothing is sealed"), ExitCode.UNAVAILABLE),
    ],
)
def test_what_a_worker_refuses_is_a_sentence_and_no_trace(broken, capsys, error, code):
    broken(error)

    assert run(["status"]) == code
    assert capsys.readouterr().err == "nothing is sealed\n"


def test_an_interrupt_exits_with_130_and_says_that_the_release_continues(broken, capsys):
    broken(KeyboardInterrupt())

    assert run(["status"]) == ExitCode.INTERRUPTED
    assert "continues without this command" in capsys.readouterr().err


def test_wrong_usage_exits_with_2(capsys):
    assert run(["abort", "shop"]) == ExitCode.USAGE
    assert "--reason" in capsys.readouterr().err


def test_a_bug_is_not_hidden(broken):
    broken(RuntimeError("a bug"))

    with pytest.raises(RuntimeError):
        run(["status"])


def imported(*words):
    """The modules that a process has loaded after it ran the command."""
    program = (
        "import json, sys\n"
        "from starters.main import run\n"
        f"code = run({list(words)!r})\n"
        "sys.stderr.write(json.dumps([code, sorted(sys.modules)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stderr)
    assert code == 0
    return {name.split(".")[0] for name in modules}


def test_help_imports_nothing_heavy():
    assert imported("--help").isdisjoint({*HEAVY, "pydantic"})


@pytest.mark.parametrize("command", ["start", "watch", "doctor"])
def test_the_help_of_a_command_imports_nothing_heavy(command):
    """Typer itself reads options with pydantic; nothing else may come with it."""
    assert imported(command, "--help").isdisjoint(HEAVY)


def commands(command, path=("lockgate",)):
    children = getattr(command, "commands", {})
    yield " ".join(path), command
    for name, child in children.items():
        yield from commands(child, (*path, name))


EVERY = dict(commands(get_command(app)))


@pytest.mark.parametrize("path", EVERY)
def test_the_help_of_every_command_has_an_example(path):
    command = EVERY[path]
    context = typer.Context(command, info_name=path)

    assert "Examples:" in command.get_help(context)
    assert path in command.get_help(context).split("Examples:")[1]


def test_shell_completion_stays_on():
    options = {name for param in EVERY["lockgate"].params for name in param.opts}

    assert {"--install-completion", "--show-completion"} <= options


def test_approve_says_that_the_name_is_asserted():
    command = EVERY["lockgate approve"]

    assert "asserted, not proven" in " ".join(command.get_help(typer.Context(command)).split())
