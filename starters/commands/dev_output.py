"""How `lockgate dev` words what the local stack reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from starters.output import OutputFormat, show

if TYPE_CHECKING:
    from pydantic import JsonValue

    from infra.local.stack import Health, Up
    from infra.local.starting import Started


def print_started(started: Started) -> None:
    """One line as soon as a component is healthy."""
    if not started.already:
        typer.echo(f"  {started.component:<18} healthy after {started.seconds:4.1f} s")


def print_up(result: Up) -> None:
    """Where everything is, and what to type first."""
    from infra.local.urls import urls

    state = "already up" if result.already else "up"
    typer.echo(f"{state}, verified in {result.seconds:.1f} s: {result.site.home.root}")
    for name, url in urls(result.site).items():
        typer.echo(f"  {name:<18} {url}")
    builds = result.site.home.root / "builds.json"
    typer.echo("try, in the virtualenv (source .venv/bin/activate):")
    typer.echo("  lockgate doctor")
    typer.echo(f"  python -m examples.shop.build all --publish {builds}")
    typer.echo("  lockgate start examples/shop/releases/v1.yaml --by ci --wait")


def print_status(listed: list[Health], output: OutputFormat) -> None:
    """A table for people, the same fields for programs."""
    fields: list[JsonValue] = [asdict(one) | {"log": str(one.log)} for one in listed]
    show(fields, output, text=lambda: _print_table(listed))


def _print_table(listed: list[Health]) -> None:
    if not listed:
        typer.echo("down; start it with `lockgate dev up`")
    for one in listed:
        health = one.problem or ("healthy" if one.pid else "stopped on purpose")
        typer.echo(f"{one.name:<30} {one.state:<9} {one.pid:>7} {one.seconds_up:>7} s  {health}")
