"""What is advised before a strategy is written."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import typer
from pydantic import ValidationError

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import catalog_of, read_catalog
from starters.files.problems import FilesRefused, nearest
from starters.output import OutputFormat, show
from workflows.domain.traffic.advice import RouterAdvice, RouterOption, advise
from workflows.domain.traffic.clients import Clients

_OPTIONS = {"kinds": "--clients"}


def advise_router(
    given: Mapping[str, object], *, service: str | None, catalog: Path, output: OutputFormat
) -> None:
    """Print which router suits the clients that *given* and the Service tell of.

    Raises:
        CommandFailed: it is not said how many requests there are, or an option makes no sense;
            the catalog has no such Service.
        FilesRefused: with every problem of the catalog.
    """
    written = {} if service is None else _written(service, catalog)
    told = {**written, **{key: value for key, value in given.items() if value is not None}}
    advice = advise(_clients(told, service))
    found = advice.model_dump(mode="json")
    show(found, output, text=lambda: typer.echo("\n".join(_lines(advice))))


def _written(service: str, folder: Path) -> dict[str, object]:
    """What the Service of the catalog says of its clients."""
    reading = read_catalog(folder)
    if reading.problems:
        raise FilesRefused(reading.problems)
    services = catalog_of(reading).services
    if service not in services:
        raise CommandFailed(
            f"{folder} has no Service {service!r}: {nearest(service, services)}", ExitCode.USAGE
        )
    clients = services[service].clients
    return {} if clients is None else clients.model_dump(by_alias=False)


def _clients(told: Mapping[str, object], service: str | None) -> Clients:
    if "rps" not in told:
        where = f", or `clients` in the Service {service}" if service else ""
        raise CommandFailed(
            f"how much traffic there is decides most: give --rps NUMBER{where}", ExitCode.USAGE
        )
    try:
        return Clients.model_validate(told)
    except ValidationError as error:
        problems = [
            f"{_option(problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_input=False)
        ]
        raise CommandFailed("\n".join(problems), ExitCode.USAGE) from error


def _option(path: tuple[int | str, ...]) -> str:
    """The option that fills a field, which its errors call by its name in files."""
    names = {field.alias or name: name for name, field in Clients.model_fields.items()}
    name = names.get(str(path[0]), str(path[0]))
    return _OPTIONS.get(name, f"--{name.replace('_', '-')}")


def _lines(advice: RouterAdvice) -> Iterator[str]:
    yield f"recommended: {advice.recommended}"
    yield ""
    yield from advice.traffic
    for place, option in enumerate(advice.options, start=1):
        yield ""
        yield from _option_lines(place, option)


def _option_lines(place: int, option: RouterOption) -> Iterator[str]:
    yield f"{place}. {option.router} (router type {option.provider}): {option.fit}"
    yield from (f"   + {text}" for text in option.reasons)
    yield from (f"   - {text}" for text in option.against)
    yield from (f"   would need {text}" for text in option.would_need)
