"""Printing what exists with our tags, and what of it nobody looks after."""

from collections.abc import Iterable
from pathlib import Path

import typer
from pydantic import JsonValue, ValidationError
from temporalio.client import Client

from starters.environments import counting
from starters.environments.ordering import read_templates
from starters.environments.stories import EnvironmentNotFound, read_order
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.output import OutputFormat, show, table
from starters.session import converse
from workflows.domain.environments.census import Census
from workflows.domain.values import Provider


def census(written: Iterable[str], *, catalog: Path, output: OutputFormat) -> int:
    """Everything with our tags; 30 where something has no living story.

    Raises:
        CommandFailed: nothing says where to count (USAGE).
        NobodyAnswers: a provider could not be asked.
    """
    providers = _providers(written, catalog)
    found = converse(lambda client: counting.everything(client, providers))

    def text() -> None:
        if not found:
            where = ", ".join(str(provider) for provider in providers)
            typer.echo(f"nothing with our tags exists at {where}")
            return
        headings = ("environment", "", "phase", "team", "owner", "expires", "where")
        table(
            headings,
            [
                (c.environment, c.mark, c.phase, c.team, c.owner, c.expiry, c.provider)
                for c in found
            ],
        )

    told: JsonValue = [{**c.model_dump(mode="json"), "orphan": c.orphan} for c in found]
    show(told, output, text=text)
    return ExitCode.DRIFT if any(c.orphan for c in found) else ExitCode.OK


def census_of(name: str, written: Iterable[str], *, catalog: Path, output: OutputFormat) -> int:
    """All that exists of one environment; 30 where nobody looks after it, 13 where not all counts.

    Raises:
        CommandFailed: nothing says where to count (USAGE).
        NobodyAnswers: a provider could not be asked.
    """
    given = tuple(written)

    async def work(client: Client) -> list[tuple[Provider, Census, str]]:
        providers = await _providers_of(client, name, given, catalog)
        return [(p, *await counting.census(client, name, p)) for p in providers]

    counted = converse(work)

    def text() -> None:
        for provider, found, phase in counted:
            story = f"its story is {phase}" if phase else "no living story: all of it is orphaned"
            typer.echo(
                f"{name} at {provider}: {found}" + (f"; {story}" if not found.empty else "")
            )
            if found.held is not None:
                typer.echo(f"  held: {found.held}")
            if found.resources:
                rows: list[tuple[str, ...]] = [(r.name, r.type, r.id) for r in found.resources]
                table(("name", "type", "id"), rows)
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


async def _providers_of(
    client: Client, name: str, written: tuple[str, ...], catalog: Path
) -> tuple[Provider, ...]:
    """Where one environment is: as somebody says, as it was asked for, or wherever it may be."""
    if written:
        return _providers(written, catalog)
    try:
        return ((await read_order(client, name)).plan.provider,)
    except EnvironmentNotFound:
        return _providers((), catalog)


def _providers(written: Iterable[str], catalog: Path) -> tuple[Provider, ...]:
    """The providers that are named, or else those of the catalog's templates.

    Raises:
        CommandFailed: one is not TYPE/CONNECTION, or there are none (USAGE).
        FilesRefused: the catalog is not in order.
    """
    if named := tuple(_provider(each) for each in written):
        return named
    if not catalog.is_dir():
        raise CommandFailed(
            f"no catalog {catalog} says where to count: --catalog FOLDER, or --provider "
            "TYPE/CONNECTION",
            ExitCode.USAGE,
        )
    specs = read_templates(catalog).environment_templates.values()
    if found := tuple(dict.fromkeys(spec.provider for spec in specs)):
        return found
    raise CommandFailed(
        f"no EnvironmentTemplate in {catalog} says where to count: --provider TYPE/CONNECTION",
        ExitCode.USAGE,
    )


def _provider(written: str) -> Provider:
    kind, _, connection = written.partition("/")
    try:
        return Provider(type=kind, connection=connection)
    except ValidationError as error:
        raise CommandFailed(
            f"--provider {written}: expected TYPE/CONNECTION, such as cloudformation/preview",
            ExitCode.USAGE,
        ) from error
