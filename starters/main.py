"""The console script `lockgate`: run a command, say what failed in one sentence, leave safely."""

import sys
from collections.abc import Sequence
from typing import NoReturn

from infra.exits import run_and_leave
from starters.cli import app
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import FilesRefused
from workflows.domain.errors import ReleaseError, Unavailable


def main() -> NoReturn:
    """Never returns: the interpreter's teardown may abort after the work is done."""
    run_and_leave(run)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command of *arguments*, by default the process's own; its exit code."""
    try:
        app(arguments, prog_name="lockgate")
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else ExitCode.OK
    except CommandFailed as failure:
        _say(str(failure))
        code = failure.code
    except FilesRefused as refusal:
        _say(str(refusal))
        code = ExitCode.USAGE
    except ReleaseError as refused:  # a worker's answer that no command words better
        _say(str(refused))
        code = ExitCode.UNAVAILABLE if isinstance(refused, Unavailable) else ExitCode.ERROR
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    if code == ExitCode.INTERRUPTED:
        _say(
            "interrupted; a release under way continues without this command: "
            "`lockgate watch` shows it again"
        )
    return code


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    main()
