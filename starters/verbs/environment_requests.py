"""Asking for an environment, or only for what it would be and cost."""

from collections.abc import Iterable
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client

from starters.environments.beginning import Requested
from starters.environments.beginning import request as begin
from starters.environments.codes import code_of_environment
from starters.environments.following import follow, stands
from starters.environments.ordering import Ordered, order_of, read_choices
from starters.environments.page import rate
from starters.exit_codes import ExitCode
from starters.following import read_timeout
from starters.options import who
from starters.output import OutputFormat, show
from starters.session import converse
from workflows.domain.durations import write_duration
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.values import short


def request(
    name: str,
    *,
    template: str,
    catalog: Path,
    chosen: Iterable[str],
    purpose: str,
    owner: str | None,
    by: str | None,
    wait: bool,
    dry_run: bool,
    timeout: str | None,
    output: OutputFormat,
) -> int:
    """Have it made, or find it made; with *wait*, how it stands once making it is over.

    Raises:
        FilesRefused: the catalog is not in order.
        CommandFailed: it cannot be asked for so, or another one has the name.
    """
    within, speaker = read_timeout(timeout), who(by)
    ordered = order_of(
        name,
        template=template,
        catalog=catalog,
        chosen=read_choices(chosen),
        owner=owner or speaker,
        requested_by=speaker,
        purpose=purpose,
    )
    if dry_run:
        _show_order(ordered, output)
        return ExitCode.OK

    async def work(client: Client) -> int:
        requested = await begin(client, ordered.order)
        if not wait or output is OutputFormat.TEXT:
            _show_requested(requested, ordered, output)
        if not wait:
            return ExitCode.OK
        view = await follow(client, name, until=stands, within=within, output=output)
        if output is not OutputFormat.TEXT:
            show(view.model_dump(mode="json"), output, text=lambda: None)
        if view.phase is EnvironmentPhase.REMOVED:
            return ExitCode.CANCELLED  # somebody had it torn down before it stood
        return code_of_environment(view.phase)

    return converse(work)


def _show_order(ordered: Ordered, output: OutputFormat) -> None:
    order, cost = ordered.order, ordered.cost
    plan = order.plan

    def text() -> None:
        typer.echo(f"{order.name}  in order; nothing was made")
        typer.echo(f"  from      {plan.blueprint.template} ({short(plan.blueprint.digest)})")
        for parameter, value in plan.blueprint.parameters.items():
            typer.echo(f"  {parameter} = {value}")
        longest = write_duration(plan.lease.longest)
        typer.echo(f"  lives     {write_duration(plan.lease.ttl)}, at most {longest}")
        typer.echo(f"  makes     {', '.join(ordered.stack.resources.values()) or 'unknown'}")
        if cost.per_hour is not None:
            typer.echo(f"  costs     {rate(cost.per_hour, plan.prices.currency)}")
        else:
            typer.echo(f"  costs     unknown: no price for {', '.join(cost.unpriced)}")

    told: JsonValue = {
        "environment": order.name,
        "started": False,
        "planDigest": plan.digest,
        "templateDigest": plan.blueprint.digest,
        "parameters": dict(plan.blueprint.parameters),
        "perHour": None if cost.per_hour is None else str(cost.per_hour),
        "currency": plan.prices.currency,
        "unpriced": list(cost.unpriced),
    }
    show(told, output, text=text)


def _show_requested(requested: Requested, ordered: Ordered, output: OutputFormat) -> None:
    order, earlier = ordered.order, requested.earlier
    phase = earlier.phase if earlier is not None else EnvironmentPhase.CREATING
    notes = list(requested.notes)
    if requested.fresh and order.contact is None:
        notes.append(f"the catalog has no address of {order.owner}: nobody is told of its end")
    told: JsonValue = {
        "environment": order.name,
        "started": requested.fresh,
        "phase": str(phase),
        "notes": [*notes],
        "planDigest": order.plan.digest,
        "templateDigest": order.plan.blueprint.digest,
    }

    def text() -> None:
        typer.echo(f"{'requested' if requested.fresh else 'there already'}  {order.name}")
        for note in notes:
            typer.echo(f"  {note}")
        typer.echo(f"  lockgate env show {order.name}")

    show(told, output, text=text)
