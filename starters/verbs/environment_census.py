"""Printing what exists with our tags, and what of it nobody looks after."""

from collections.abc import Iterable
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client

from starters.environments import counting
from starters.environments.ordering import expect_name
from starters.environments.places import places, places_of
from starters.exit_codes import ExitCode
from starters.output import OutputFormat, show, table
from starters.session import converse
from workflows.domain.environments.census import Census
from workflows.domain.values import Provider


def census(written: Iterable[str], *, catalog: Path, output: OutputFormat) -> int:
    """Everything with our tags; 30 where something has no living story, 13 where not all counts.

    Raises:
        CommandFailed: nothing says where to count (USAGE).
        NobodyAnswers: a provider could not be asked.
    """
    providers = places(written, catalog)
    found = converse(lambda client: counting.everything(client, providers))

    def text() -> None:
        if not found.environments:
            where = ", ".join(str(provider) for provider in providers)
            what = "was found" if found.unreadable else "exists"
            typer.echo(f"nothing with our tags {what} at {where}")
        else:
            _list(found.environments)
        for why in found.unreadable:
            typer.echo(f"not counted: {why}")
        if found.unreadable:
            typer.echo("environments may be missing: let the worker read what it could not")

    told: JsonValue = {
        "environments": [
            {**c.model_dump(mode="json"), "orphan": c.orphan} for c in found.environments
        ],
        "unreadable": [*found.unreadable],
    }
    show(told, output, text=text)
    if found.orphaned:
        return ExitCode.DRIFT
    return ExitCode.HOLDING if found.unreadable else ExitCode.OK


def census_of(name: str, written: Iterable[str], *, catalog: Path, output: OutputFormat) -> int:
    """All that exists of one environment; 30 where nobody looks after it, 13 where not all counts.

    Raises:
        CommandFailed: nothing is ever called *name*, or nothing says where to count (USAGE).
        NobodyAnswers: a provider could not be asked.
    """
    expect_name(name)
    given = tuple(written)

    async def work(client: Client) -> list[tuple[Provider, Census, str]]:
        providers = await places_of(client, name, given, catalog)
        return [(p, *await counting.census(client, name, p)) for p in providers]

    counted = converse(work)

    def text() -> None:
        for provider, found, phase in counted:
            nobody = "" if found.empty else "; no living story: all of it is orphaned"
            story = f"; its story is {phase}" if phase else nobody
            typer.echo(f"{name} at {provider}: {found}{story}")
            if found.held is not None:
                typer.echo(f"  held: {found.held}")
            if found.resources:
                rows: list[tuple[str, ...]] = [(r.name, r.type, r.id) for r in found.resources]
                table(("name", "type", "id"), rows)
            for each in found.kept:
                typer.echo(f"  kept: final snapshot {each}")
            for why in found.unreadable:
                typer.echo(f"  not counted: {why}")

    told: JsonValue = [
        {
            **found.model_dump(mode="json"),
            "provider": str(provider),
            "phase": phase,
            "orphan": not phase and bool(found.resources),
        }
        for provider, found, phase in counted
    ]
    show(told, output, text=text)
    if any(found.resources and not phase for _, found, phase in counted):
        return ExitCode.DRIFT
    return ExitCode.HOLDING if any(f.unreadable for _, f, _ in counted) else ExitCode.OK


def _list(counted: Iterable[counting.Counted]) -> None:
    headings = ("environment", "", "phase", "team", "owner", "expires", "where")
    rows: list[tuple[str, ...]] = [
        (c.environment, c.mark, c.phase, c.team, c.owner, c.expiry, c.provider) for c in counted
    ]
    table(headings, rows)
