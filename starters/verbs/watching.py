"""Showing where a release stands, once or until it is settled."""

from datetime import UTC, datetime

from temporalio.client import Client

from starters.board import board
from starters.exit_codes import code_of
from starters.following import follow, read_timeout
from starters.options import chosen_codes
from starters.output import OutputFormat, console, show
from starters.releases import find, read, the_only
from starters.session import converse
from workflows.domain.release.status import ReleaseStatus


def status(release: str | None, *, fail_on: str | None, output: OutputFormat) -> int:
    """Print the status of *release*, or of the one that is meant; its exit code."""
    codes = chosen_codes(fail_on)

    async def work(client: Client) -> ReleaseStatus:
        found = await find(client, release) if release else await the_only(client)
        return await read(client, found)

    seen = converse(work)
    show(
        seen.model_dump(mode="json"),
        output,
        text=lambda: console().print(board(seen, now=datetime.now(UTC))),
    )
    return code_of(seen.phase, codes)


def watch(release: str, *, timeout: str | None, fail_on: str | None, output: OutputFormat) -> int:
    """Follow *release* until it is settled; the exit code of how it stands then."""
    codes, within = chosen_codes(fail_on), read_timeout(timeout)

    async def work(client: Client) -> int:
        found = await find(client, release)
        return await follow(client, found, fail_on=codes, within=within, output=output)

    return converse(work)
