"""Showing a release while it goes: a live view in a terminal, a line per change elsewhere."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text
from temporalio.client import Client

from starters.board import board
from starters.exit_codes import ExitCode, code_of
from starters.failures import CommandFailed
from starters.files.lines import Changes
from starters.output import OutputFormat, show
from starters.releases import name_of
from starters.watching import Look, looks
from workflows.domain.durations import parse_duration, write_duration
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import ReleaseStatus


async def follow(
    client: Client,
    release: str,
    *,
    fail_on: frozenset[int] | None = None,
    within: timedelta | None = None,
    output: OutputFormat = OutputFormat.TEXT,
) -> int:
    """Show *release* until it is settled; the exit code of how it stands then.

    As JSON or YAML the last status is printed, and the changes go to standard error.

    Raises:
        CommandFailed: it was not settled *within* that time (TIMED_OUT).
    """
    seen = looks(client, release, stop_at=fail_on or frozenset())
    try:
        async with asyncio.timeout(within.total_seconds() if within else None):
            if output is not OutputFormat.TEXT:
                last = await _lines(seen, sys.stderr)
                show(last.model_dump(mode="json"), output, text=lambda: None)
            elif sys.stdout.isatty():
                last = await _live(seen)
            else:
                last = await _lines(seen, sys.stdout)
    except TimeoutError as error:
        raise CommandFailed(
            f"{name_of(release)} is not settled after {write_duration(within or timedelta())}; "
            f"it continues: `lockgate watch {name_of(release)}`",
            ExitCode.TIMED_OUT,
        ) from error
    if last.phase is Phase.ROLLBACK_INCOMPLETE:
        sys.stderr.write(
            f"people are needed: put right what is named, then `lockgate retry {last.name}`, "
            f"or `lockgate confirm-repaired {last.name}`\n"
        )
    return code_of(last.phase, fail_on)


def read_timeout(written: str | None) -> timedelta | None:
    """Read `--timeout`.

    Raises:
        CommandFailed: it is not a duration (USAGE).
    """
    if written is None:
        return None
    try:
        span = parse_duration(written)
    except ValueError as error:
        raise CommandFailed(f"--timeout: {error}", ExitCode.USAGE) from error
    if not isinstance(span, timedelta):
        raise CommandFailed(f"--timeout: {written!r} is not such as 30s, 10m", ExitCode.USAGE)
    return span


async def _live(seen: AsyncIterator[Look]) -> ReleaseStatus:
    """Redraw at each look; the last view stays on the screen."""
    status: ReleaseStatus | None = None
    with Live(Text("looking…"), console=Console(highlight=False), auto_refresh=False) as live:
        async for look in seen:
            status = look.status or status
            if status is None:
                live.update(Text(look.notice), refresh=True)
            else:
                live.update(board(status, now=look.at, notice=look.notice), refresh=True)
    return _last(status)


async def _lines(seen: AsyncIterator[Look], to: TextIO) -> ReleaseStatus:
    changes = Changes()
    status: ReleaseStatus | None = None
    async for look in seen:
        status = look.status or status
        to.writelines(f"{line}\n" for line in changes.of(look))
        to.flush()
    return _last(status)


def _last(status: ReleaseStatus | None) -> ReleaseStatus:
    if status is None:  # looking ends only at a status
        raise CommandFailed("the release was never seen", ExitCode.UNAVAILABLE)
    return status
