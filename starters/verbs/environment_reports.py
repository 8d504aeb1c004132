"""Printing what is there against what should be, and what it costs."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import typer
from temporalio.client import Client, WorkflowExecution

from starters.asking import asked
from starters.board import brief, clock
from starters.environments import listing
from starters.environments.comparing import (
    Compared,
    compared,
    compared_with_catalog,
    still_allowed,
)
from starters.environments.ordering import planned, read_templates
from starters.environments.page import UNKNOWN, money
from starters.environments.report import Report, Reported, report_of, reported, silent, total
from starters.environments.stories import (
    EnvironmentNotFound,
    living,
    name_of,
    of_each,
    read,
    read_order,
)
from starters.failures import NobodyAnswers
from starters.output import OutputFormat, show, table
from starters.session import converse
from workflows.domain.environments.drift import Drift
from workflows.domain.environments.order import EnvironmentOrder, EnvironmentPlan
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import ReleaseError, TargetMissing
from workflows.ports.environments import (
    EnvironmentsPort,
    Made,
    ReadDrift,
    ReadEnvironment,
    ReadSurface,
    Surface,
)

_DRIFT_WITHIN = timedelta(minutes=10)
_LOOK_WITHIN = timedelta(minutes=2)
_MOST_LINES = 60

AnswerT = TypeVar("AnswerT")


def diff(
    name: str, *, template: str | None, catalog: Path, drift: bool, output: OutputFormat
) -> int:
    """What was asked for against the catalog now, and what exists against what was asked for.

    Raises:
        FilesRefused: the catalog is not in order.
        CommandFailed: it has no such template, or there is no such environment (USAGE).
    """
    known = read_templates(catalog)

    async def work(client: Client) -> Compared:
        order = await read_order(client, name)
        wanted = template or order.plan.blueprint.template
        chosen = still_allowed(order.plan, wanted, known)
        now = planned(wanted, known, chosen, folder=catalog)
        found = await _drift(client, order) if drift else None
        return compared_with_catalog(name, order.plan, now, drift=found)

    return _show_compared(converse(work), output)


def compare(name: str, other: str, *, output: OutputFormat) -> int:
    """How two environments differ: what was asked for, and what exists of each."""

    async def one(
        client: Client, which: str
    ) -> tuple[EnvironmentPlan, EnvironmentView, Made | str]:
        order = await read_order(client, which)
        return order.plan, await read(client, which), await _made(client, order)

    async def work(client: Client) -> Compared:
        return compared(*await of_each((name, other), lambda which: one(client, which)))

    return _show_compared(converse(work), output)


async def _drift(client: Client, order: EnvironmentOrder) -> Drift | str:
    """How what exists differs from its template, or why nobody knows."""
    ask = ReadDrift(
        environment=order.name,
        provider=order.plan.provider,
        digest=order.plan.blueprint.digest,
    )
    about, method = f"drift/{order.name}", EnvironmentsPort.read_drift

    async def compared_by_it() -> Drift:
        try:
            return await asked(client, method, ask, about=about, patience=_DRIFT_WITHIN)
        except TargetMissing:
            return Drift.of_nothing(order.name)

    return await _known(compared_by_it())


async def _made(client: Client, order: EnvironmentOrder) -> Made | str:
    """What exists of it, or why nobody knows."""
    ask = ReadEnvironment(environment=order.name, provider=order.plan.provider)
    about, method = f"made/{order.name}", EnvironmentsPort.read_made
    return await _known(asked(client, method, ask, about=about, patience=_LOOK_WITHIN))


async def _known(answer: Awaitable[AnswerT]) -> AnswerT | str:
    """The answer of a provider, or why there is none."""
    try:
        return await answer
    except (ReleaseError, NobodyAnswers) as error:
        return str(error)


def _show_compared(found: Compared, output: OutputFormat) -> int:
    def text() -> None:
        typer.echo(f"{found.one} | {found.other}")
        for each in found.differences:
            typer.echo(f"  {each}")
        if not found.differences:
            typer.echo("  no difference" + (" in what is known" if found.unknown else ""))
        for line in found.text[:_MOST_LINES]:
            typer.echo(f"    {line}")
        if len(found.text) > _MOST_LINES:
            typer.echo(f"    ... {len(found.text) - _MOST_LINES} lines more; -o json has them all")
        if found.drift is not None:
            _tell_drift(found.drift)
        for why in found.unknown:
            typer.echo(f"  unknown   {why}")

    show(found.model_dump(mode="json"), output, text=text)
    return found.code


def _tell_drift(drift: Drift) -> None:
    typer.echo(f"what exists: {drift}")
    for each in drift.resources:
        typer.echo(f"  {each.resource}: {each.status}")
        for path, (was, now) in each.differences.items():
            typer.echo(f"    {path}: {was} | {now}")
    for why in drift.unknown:
        typer.echo(f"  unknown   {why}")


def report(*, team: str | None, surface: bool, output: OutputFormat) -> None:
    """The living environments by team; what nobody knows is told as unknown."""
    conditions = listing.conditions(team=team, owner=None, phase=None, ended=True)

    async def work(client: Client) -> Report:
        found = [one async for one in living(client, conditions)]
        at = datetime.now(UTC)
        told = await of_each(found, lambda one: _reported(client, one, at, surface=surface))
        return report_of(told, at=at)

    _show_report(converse(work), output)


async def _reported(
    client: Client, one: WorkflowExecution, at: datetime, *, surface: bool
) -> Reported:
    name = name_of(one.id)
    try:
        view = await read(client, name)
    except (NobodyAnswers, EnvironmentNotFound) as error:
        return silent(name, listing.team_of(one), str(error))
    if not surface:
        return reported(view, None, at=at)
    seen = await _surface(client, view)
    if isinstance(seen, str):
        return reported(view, None, at=at, why_unknown=seen)
    return reported(view, seen, at=at)


async def _surface(client: Client, view: EnvironmentView) -> Surface | str:
    """What the world can reach of it, or why nobody knows."""
    if view.provider is None:
        return "its story does not say where it is"
    ask = ReadSurface(environment=view.name, provider=view.provider)
    about, method = f"surface/{view.name}", EnvironmentsPort.read_surface
    return await _known(asked(client, method, ask, about=about, patience=_LOOK_WITHIN))


def _show_report(found: Report, output: OutputFormat) -> None:
    def text() -> None:
        if not found.teams:
            typer.echo("no environments live")
            return
        for team in found.teams:
            typer.echo(f"{team.team}: {total(team.sums, team.unknown_costs)}")
            headings = (
                "environment",
                "phase",
                "owner",
                "age",
                "ends",
                "a month",
                "so far",
                "open to all",
            )
            table(headings, [_report_row(one, found.at) for one in team.environments])
            typer.echo("")
        typer.echo(f"together: {total(found.sums, found.unknown_costs)}, at {clock(found.at)}")

    show(found.model_dump(mode="json"), output, text=text)


def _report_row(one: Reported, at: datetime) -> tuple[str, ...]:
    if one.unknown:
        return (one.environment, *[UNKNOWN] * 7)
    ends = UNKNOWN if one.expires_at is None else listing.away(one.expires_at, at)
    kept = "held" if one.held else "protected" if one.protected else ends
    return (
        one.environment,
        one.phase,
        one.owner,
        UNKNOWN if one.age is None else brief(one.age),
        kept,
        money(one.per_month, one.currency),
        money(one.so_far, one.currency),
        str(one.exposed),
    )
