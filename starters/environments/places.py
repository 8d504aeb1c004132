"""Where environments are made: as somebody says, as their story does, or wherever they may be."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError
from temporalio.client import Client

from starters.environments.ordering import read_templates
from starters.environments.stories import EnvironmentNotFound, read
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from workflows.domain.values import Provider


async def places_of(
    client: Client, name: str, written: tuple[str, ...], catalog: Path
) -> tuple[Provider, ...]:
    """Where one environment is: as somebody says, as it was asked for, or wherever it may be.

    Raises:
        EnvironmentNotFound: Temporal knows none of this name, and no catalog says where to look.
        CommandFailed, FilesRefused: as `places` does.
    """
    if written:
        return places(written, catalog)
    try:
        view = await read(client, name)
    except EnvironmentNotFound as unknown:
        if not _is_there(catalog):
            raise EnvironmentNotFound(
                f"{unknown}\nnobody looked for what has its tags: there is no folder {catalog} "
                "that says where; name it with --catalog FOLDER, or --provider TYPE/CONNECTION"
            ) from unknown
        return places((), catalog)
    return places((), catalog) if view.provider is None else (view.provider,)


def places(written: Iterable[str], catalog: Path) -> tuple[Provider, ...]:
    """The providers that are named, or else those of the catalog's templates.

    Raises:
        CommandFailed: one is not TYPE/CONNECTION, or there are none (USAGE).
        FilesRefused: the catalog is not in order.
    """
    if named := tuple(_provider(each) for each in written):
        return named
    if not _is_there(catalog):
        raise CommandFailed(
            f"there is no folder {catalog} with a catalog that says where to count: name one with "
            "--catalog FOLDER, or --provider TYPE/CONNECTION",
            ExitCode.USAGE,
        )
    specs = read_templates(catalog).environment_templates.values()
    if found := tuple(dict.fromkeys(spec.provider for spec in specs)):
        return found
    raise CommandFailed(
        f"no EnvironmentTemplate in {catalog} says where to count: --provider TYPE/CONNECTION",
        ExitCode.USAGE,
    )


def _is_there(catalog: Path) -> bool:
    return catalog.is_dir()


def _provider(written: str) -> Provider:
    kind, _, connection = written.partition("/")
    try:
        return Provider(type=kind, connection=connection)
    except ValidationError as error:
        raise CommandFailed(
            f"--provider {written}: expected TYPE/CONNECTION, such as cloudformation/preview",
            ExitCode.USAGE,
        ) from error
