"""Following an environment until it stands, or is gone: live, or with a line for each change."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text
from temporalio.client import Client
from temporalio.service import RPCError

from starters.environments.lines import EnvironmentChanges
from starters.environments.page import page
from starters.environments.stories import read
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers
from starters.output import OutputFormat
from starters.session import worded
from workflows.domain.durations import write_duration
from workflows.domain.environments.lease import lives
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView

EVERY = timedelta(seconds=1)
Reached = Callable[[EnvironmentView], bool]


@dataclass(frozen=True, kw_only=True)
class _Look:
    at: datetime
    view: EnvironmentView | None = None
    notice: str = ""


def stands(view: EnvironmentView) -> bool:
    """Whether making it is over, one way or the other."""
    return lives(view) or gone(view)


def gone(view: EnvironmentView, *, after: int = 0) -> bool:
    """Whether its teardown is over, or goes on only once a person has done something.

    Only an attempt that came *after* so many and that is over shows that.
    """
    if view.phase.final:
        return True
    removal = view.removal
    if view.phase is not EnvironmentPhase.TEARDOWN_INCOMPLETE or removal is None:
        return False
    over = removal.attempts > after and removal.again_at is not None
    return over and removal.asks_person


async def follow(
    client: Client,
    name: str,
    *,
    until: Reached,
    within: timedelta | None,
    output: OutputFormat,
    every: timedelta = EVERY,
) -> EnvironmentView:
    """Show *name* *until* something is reached; how it stands then.

    As JSON or YAML nothing is printed but the changes, to standard error.

    Raises:
        CommandFailed: it was not reached *within* that time (TIMED_OUT).
    """
    seen = _looks(client, name, until, every)
    try:
        async with asyncio.timeout(within.total_seconds() if within else None):
            if output is OutputFormat.TEXT and sys.stdout.isatty():
                return await _live(seen)
            return await _lines(seen, sys.stdout if output is OutputFormat.TEXT else sys.stderr)
    except TimeoutError as error:
        raise CommandFailed(
            f"{name} is not settled after {write_duration(within or timedelta())}; it goes on: "
            f"`lockgate env show {name}`",
            ExitCode.TIMED_OUT,
        ) from error


async def _looks(
    client: Client, name: str, until: Reached, every: timedelta
) -> AsyncIterator[_Look]:
    """Look again and again; a question that gets no answer harms nothing and is asked again."""
    while True:
        try:
            view = await read(client, name)
        except NobodyAnswers as failure:
            yield _Look(at=datetime.now(UTC), notice=str(failure))
        except RPCError as error:
            yield _Look(at=datetime.now(UTC), notice=str(worded(error)))
        else:
            yield _Look(at=datetime.now(UTC), view=view)
            if until(view):
                return
        await asyncio.sleep(every.total_seconds())


async def _live(seen: AsyncIterator[_Look]) -> EnvironmentView:
    """Redraw at each look; the last view stays on the screen."""
    view: EnvironmentView | None = None
    with Live(Text("looking…"), console=Console(highlight=False), auto_refresh=False) as live:
        async for look in seen:
            view = look.view or view
            told = page(view, now=look.at) if view is not None else ""
            live.update(Text("\n".join(filter(None, (told, look.notice)))), refresh=True)
    return _last(view)


async def _lines(seen: AsyncIterator[_Look], to: TextIO) -> EnvironmentView:
    changes = EnvironmentChanges()
    view: EnvironmentView | None = None
    async for look in seen:
        view = look.view or view
        new = (
            changes.notice(look.notice, at=look.at)
            if look.view is None
            else changes.of(look.view, at=look.at)
        )
        to.writelines(f"{line}\n" for line in new)
        to.flush()
    return _last(view)


def _last(view: EnvironmentView | None) -> EnvironmentView:
    if view is None:  # following ends only at a view
        raise CommandFailed("the environment was never seen", ExitCode.UNAVAILABLE)
    return view
