"""Which Lockgate this is, and on what it stands."""

import platform
from importlib.metadata import version as installed

import typer

from starters.output import OutputFormat, show


def version(*, output: OutputFormat) -> None:
    """The version of Lockgate, of Temporal's SDK and of Python."""
    known = {
        "lockgate": installed("lockgate"),
        "temporalio": installed("temporalio"),
        "python": platform.python_version(),
    }
    show(
        dict(known),
        output,
        text=lambda: typer.echo(
            f"lockgate {known['lockgate']} (temporalio {known['temporalio']}, "
            f"Python {known['python']})"
        ),
    )
