"""Options and arguments that many commands share, in one wording."""

import getpass
from typing import Annotated

import typer

from starters.exit_codes import ExitCode, parse_fail_on
from starters.failures import CommandFailed
from starters.output import OutputFormat

Output = Annotated[OutputFormat, typer.Option("--output", "-o", help="How to print it.")]
Release = Annotated[
    str,
    typer.Argument(
        metavar="RELEASE", help="The release's name (its latest run counts), or its full id."
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        envvar="LOCKGATE_USER",
        help="Who says so, as the catalog names them.  [default: your login name]",
        show_default=False,
    ),
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept in the audit record.")
]
NeededReason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the audit record.")
]
FailOn = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        metavar="CODES",
        help=(
            "Exit codes that count as failure, such as 10,13,20; all other phases exit 0. "
            "A watch ends as soon as one of them is reached."
        ),
    ),
]
Timeout = Annotated[
    str | None,
    typer.Option(
        "--timeout",
        metavar="TIME",
        help="Stop watching after so long, such as 30m, with code 124; what it shows continues.",
    ),
]


def who(by: str | None) -> str:
    """The name that is asserted: the one given, or the login name.

    Raises:
        CommandFailed: the machine knows no login name either.
    """
    if by:
        return by
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise CommandFailed(
            "this machine knows no login name: say who you are with --by NAME or LOCKGATE_USER",
            ExitCode.USAGE,
        ) from error


def chosen_codes(fail_on: str | None) -> frozenset[int] | None:
    """The codes of `--fail-on`.

    Raises:
        CommandFailed: one of them is no code of a phase.
    """
    try:
        return parse_fail_on(fail_on)
    except ValueError as error:
        raise CommandFailed(str(error), ExitCode.USAGE) from error


def examples(*lines: str) -> str:
    """The end of a command's help: lines that can be copied."""
    return "Examples:\n\n\b\n" + "\n".join(f"  {line}" for line in lines)
