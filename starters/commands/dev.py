"""`lockgate dev`: the local stack up, down, watched, and its parts killed on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from starters.output import OutputFormat

if TYPE_CHECKING:
    from infra.local.home import Home

app = typer.Typer(
    help="Run the local stack: real components on loopback, without Docker.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="LOCKGATE_HOME",
        help="State directory of the stack.  [default: .lockgate here]",
        show_default=False,
    ),
]
ComponentArgument = Annotated[str, typer.Argument(help="A component's name, as in `dev status`.")]


def _examples(*lines: str) -> str:
    return "Examples:\n\n\b\n" + "\n".join(f"  {line}" for line in lines)


@app.command(
    epilog=_examples(
        "lockgate dev up",
        "lockgate dev up --without worker --without load",
        "lockgate dev up --with aws",
    )
)
def up(
    *,
    home: HomeOption = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Leave out: worker, load. Repeatable.")
    ] = None,
    added: Annotated[
        list[str] | None, typer.Option("--with", help="Add: aws, moto. Repeatable.")
    ] = None,
) -> None:
    """Start the stack and wait until it is healthy; harmless when it is up already."""
    from infra.local import stack
    from infra.local.errors import StackError
    from starters.commands import dev_output

    found = _home(home)
    try:
        result = stack.up(
            found,
            without=frozenset(without or ()),
            added=frozenset(added or ()),
            report=dev_output.print_started,
            note=typer.echo,
        )
    except StackError as error:
        _fail(error)
    if "worker" not in (without or ()):
        _apply_schedules(found)
    dev_output.print_up(result)


def _apply_schedules(home: Home) -> None:
    """Let Temporal start what runs by the clock, the sweep among it, as it is declared."""
    import asyncio
    import os

    from infra.temporal import connect
    from starters.schedules import temporal
    from starters.schedules.declared import declared_schedules

    os.environ["TEMPORAL_CONFIG_FILE"] = str(home.temporal_config)
    own = home.schedules
    declared = declared_schedules(own if own.is_dir() else None)

    async def apply() -> tuple[str, ...]:
        return await temporal.apply(await connect(), declared)

    for done in asyncio.run(apply()):
        typer.echo(f"  {done}")


@app.command(epilog=_examples("lockgate dev down"))
def down(*, home: HomeOption = None) -> None:
    """Stop every process of the stack; its data stays."""
    from infra.local import stack
    from infra.local.errors import StackError

    found = _home(home)
    try:
        ran = stack.down(found)
    except StackError as error:
        _fail(error)
    typer.echo(f"down; the data stays in {found.root}" if ran else "nothing was running")


@app.command(
    epilog=_examples("lockgate dev status", "lockgate dev status -o json | jq '.[].name'")
)
def status(
    *,
    home: HomeOption = None,
    output: Annotated[OutputFormat, typer.Option("-o", "--output")] = OutputFormat.TEXT,
) -> None:
    """Show every process of the stack; exit code 1 when one is unwell or the stack is down."""
    from infra.local import stack
    from starters.commands import dev_output

    listed = stack.status(_home(home))
    dev_output.print_status(listed, output)
    if not listed or any(one.problem for one in listed):
        raise typer.Exit(1)


@app.command(
    epilog=_examples("lockgate dev logs worker", "lockgate dev logs envoy-production -n 20 -f")
)
def logs(
    component: ComponentArgument,
    *,
    home: HomeOption = None,
    lines: Annotated[int, typer.Option("-n", "--lines", min=1, help="How many lines.")] = 50,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show the end of a process's log, also after the stack went down."""
    from infra.local import logs as local_logs
    from infra.local.errors import StackError

    try:
        local_logs.show(_home(home), component, lines=lines, follow=follow)
    except StackError as error:
        _fail(error)


@app.command(epilog=_examples("lockgate dev kill temporal", "lockgate dev kill worker"))
def kill(component: ComponentArgument, *, home: HomeOption = None) -> None:
    """Send SIGKILL to a component, to try a fault, and tell when it is healthy again."""
    from infra.local import stack
    from infra.local.errors import StackError

    try:
        seconds = stack.kill(_home(home), component)
    except StackError as error:
        _fail(error)
    typer.echo(f"{component}: killed, healthy again after {seconds:.1f} s")


@app.command(epilog=_examples("lockgate dev restart worker"))
def restart(component: ComponentArgument, *, home: HomeOption = None) -> None:
    """Stop a component in order and start it again."""
    from infra.local import stack
    from infra.local.errors import StackError

    try:
        seconds = stack.restart(_home(home), component)
    except StackError as error:
        _fail(error)
    typer.echo(f"{component}: healthy after {seconds:.1f} s")


def _home(given: Path | None) -> Home:
    from infra.local.home import find_home

    return find_home(given)


def _fail(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
