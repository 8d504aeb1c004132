"""Asking for environments, telling them what people want, and printing where they stand."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import typer
from temporalio.client import Client, WorkflowExecution

from starters.board import clock
from starters.environments import listing
from starters.environments.codes import code_of_environment
from starters.environments.following import follow, gone
from starters.environments.page import ends, freed, page
from starters.environments.places import places_of
from starters.environments.reclaiming import Asked, reclaim
from starters.environments.stories import (
    EnvironmentNotFound,
    Update,
    lives_in_temporal,
    read,
    stories,
    tell,
)
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.following import read_timeout
from starters.options import who
from starters.output import OutputFormat, show, table
from starters.session import converse
from workflows.domain.durations import parse_duration
from workflows.domain.environments.commands import Extend, LiftHold, Retry, SetHold, Teardown
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.values import Provider, times
from workflows.environment import EnvironmentWorkflow

SaidT = TypeVar("SaidT")


def list_environments(
    *,
    team: str | None,
    owner: str | None,
    phase: str | None,
    ended: bool,
    limit: int,
    output: OutputFormat,
) -> None:
    """The environments that meet every condition, the one that ends first at the top.

    Raises:
        CommandFailed: no such phase, or a value that cannot be a name (USAGE).
    """
    conditions = listing.conditions(team=team, owner=owner, phase=phase, ended=ended)

    async def work(client: Client) -> list[WorkflowExecution]:
        return [one async for one in stories(client, conditions, limit=limit)]

    listed = sorted(converse(work), key=listing.by_end)
    now = datetime.now(UTC)

    def text() -> None:
        if listed:
            table(listing.HEADINGS, [listing.row(one, now) for one in listed])
        else:
            typer.echo("no environments" + (" that meet this" if team or owner or phase else ""))

    show([listing.as_json(one) for one in listed], output, text=text)


def display(name: str, *, output: OutputFormat) -> int:
    """Everything about one environment; the exit code says its phase."""
    view = converse(lambda client: read(client, name))
    _show_view(view, output)
    return code_of_environment(view.phase)


def extend(
    name: str, *, lasts: str | None, reason: str, by: str | None, output: OutputFormat
) -> None:
    """Keep it longer.

    Raises:
        CommandFailed: it may not be kept so long (DENIED), or *lasts* is no time (USAGE).
    """
    said = Extend(by=who(by), reason=reason, span=_span(lasts))
    view = _told(name, EnvironmentWorkflow.extend, said)

    def text() -> None:
        typer.echo(f"{name} ends {ends(view, datetime.now(UTC))}, at {_moment(view)}")
        left = view.extensions_left
        typer.echo(f"  it can be extended {times(left)} more" if left else "  for the last time")

    show(view.model_dump(mode="json"), output, text=text)


def hold(name: str, *, lift: bool, reason: str, by: str | None, output: OutputFormat) -> None:
    """Let nothing tear it down, or lift that again.

    Raises:
        CommandFailed: there is nothing to hold or to lift (DENIED).
    """
    if lift:
        view = _told(name, EnvironmentWorkflow.lift_hold, LiftHold(by=who(by), reason=reason))
        then = freed(view, datetime.now(UTC))
        show(
            view.model_dump(mode="json"),
            output,
            text=lambda: typer.echo(f"{name} is held no more; {then}"),
        )
        return
    said = SetHold(by=who(by), reason=reason)
    view = converse(lambda client: _hold(client, name, said))

    def text() -> None:
        typer.echo(f"{name} is held: nothing tears it down")
        typer.echo(f'  lift it with: lockgate env hold {name} --lift --reason "..."')

    show(view.model_dump(mode="json"), output, text=text)


async def _hold(client: Client, name: str, said: SetHold) -> EnvironmentView:
    """Set the hold; the same one that is set already is not set again."""
    view = await read(client, name)
    if view.hold is not None and (view.hold.by, view.hold.reason) == (said.by, said.reason):
        return view
    return await tell(client, name, EnvironmentWorkflow.hold, said)


def teardown(
    name: str,
    *,
    said: Asked,
    written: Iterable[str],
    catalog: Path,
    wait: bool,
    timeout: str | None,
    output: OutputFormat,
) -> int:
    """Have it torn down, or tried again where something is left; one that is gone stays gone.

    What exists of one that has no living story is reclaimed.

    Raises:
        CommandFailed: a hold or its protection keeps it (DENIED), or there is none (USAGE).
    """
    within, given = read_timeout(timeout), tuple(written)

    async def work(client: Client) -> EnvironmentView:
        attempts = 0
        if await lives_in_temporal(client, name):
            before = await read(client, name)
            attempts = before.removal.attempts if before.removal is not None else 0
            view = await _tear_down(client, before, said)
        else:
            places = await places_of(client, name, given, catalog)
            there = await reclaim(client, name, places, said)
            view = await (read(client, name) if there else _read_gone(client, name, places))
        if not wait or view.phase.final:
            return view
        over = partial(gone, after=attempts)
        return await follow(client, name, until=over, within=within, output=output)

    view = converse(work)
    _show_view(view, output)
    if view.phase is EnvironmentPhase.FAILED:
        return ExitCode.OK  # nothing of it is there, which is what was asked for
    return code_of_environment(view.phase)


async def _read_gone(client: Client, name: str, places: Iterable[Provider]) -> EnvironmentView:
    """One that has no living story, and of which a census at *places* has found nothing.

    Raises:
        EnvironmentNotFound: there never was one.
    """
    try:
        view = await read(client, name)
    except EnvironmentNotFound as unknown:
        counted = ", ".join(map(str, places))
        raise EnvironmentNotFound(
            f"{unknown}\nnothing with its tags exists at {counted}"
        ) from unknown
    told = {"phase": EnvironmentPhase.REMOVED, "reason": "nothing of it exists any more"}
    return view if view.phase.final else view.model_copy(update=told)


async def _tear_down(client: Client, view: EnvironmentView, said: Asked) -> EnvironmentView:
    """Say what there is to say to one that stands so; nothing where it is gone or going."""
    if view.phase.final or view.phase is EnvironmentPhase.TEARING_DOWN:
        return view
    if view.phase is EnvironmentPhase.TEARDOWN_INCOMPLETE:
        again = Retry(by=said.by, reason=said.reason)
        return await tell(client, view.name, EnvironmentWorkflow.retry, again)
    now = Teardown(by=said.by, reason=said.reason, protected=said.protected)
    return await tell(client, view.name, EnvironmentWorkflow.teardown, now)


def _told(name: str, update: Update[SaidT], said: SaidT) -> EnvironmentView:
    return converse(lambda client: tell(client, name, update, said))


def _show_view(view: EnvironmentView, output: OutputFormat) -> None:
    now = datetime.now(UTC)
    show(view.model_dump(mode="json"), output, text=lambda: typer.echo(page(view, now=now)))


def _span(lasts: str | None) -> timedelta | None:
    if lasts is None:
        return None
    try:
        span = parse_duration(lasts)
    except ValueError as error:
        raise CommandFailed(f"--for: {error}", ExitCode.USAGE) from error
    if not isinstance(span, timedelta):
        raise CommandFailed(f"--for: {lasts!r} is not such as 4h, 1d", ExitCode.USAGE)
    return span


def _moment(view: EnvironmentView) -> str:
    return "unknown" if view.expires_at is None else clock(view.expires_at)
