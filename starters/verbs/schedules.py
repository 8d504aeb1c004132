"""Making Temporal start by the clock what is declared, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client

from starters.board import clock
from starters.exit_codes import ExitCode
from starters.options import who
from starters.output import OutputFormat, show, table
from starters.schedules import temporal
from starters.schedules.declared import Declared, declared_schedules
from starters.schedules.temporal import Change, Found
from starters.session import converse
from workflows.domain.durations import write_duration
from workflows.domain.spec import StartsSpec


@dataclass(frozen=True)
class _Apart:
    """Where Temporal and the files part: what is not as declared, and what nobody declares."""

    off: tuple[Found, ...]
    undeclared: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.off or self.undeclared)

    @property
    def lines(self) -> list[str]:
        """One for each schedule, and below it one for each field."""
        said = []
        for found in self.off:
            said.append(f"{found.change} {found.declared.id}: {found.declared.spec.why}")
            said += [f"  {difference}" for difference in found.differences]
        return [
            *said,
            *(f"{Change.DELETE} {name}: nobody declares it" for name in self.undeclared),
        ]

    @property
    def as_json(self) -> list[JsonValue]:
        off: list[JsonValue] = [
            {**_as_json(found), "change": str(found.change)} for found in self.off
        ]
        surplus: list[JsonValue] = [
            {"id": name, "change": str(Change.DELETE)} for name in self.undeclared
        ]
        return off + surplus


def show_schedules(*, folder: Path | None = None, output: OutputFormat) -> None:
    """Every declared schedule, and how Temporal has it.

    Raises:
        FilesRefused: with every problem of the files, as every verb here does.
    """
    declared = declared_schedules(folder)
    found = converse(lambda client: temporal.look(client, declared))
    headings = ("schedule", "when", "state", "last", "next", "what for")
    show(
        [_as_json(f) for f in found],
        output,
        text=lambda: table(headings, [_row(f) for f in found]),
    )


def diff(*, folder: Path | None, output: OutputFormat) -> int:
    """Where Temporal is not as declared, and what nobody declares."""
    declared = declared_schedules(folder)
    apart = converse(lambda client: _apart(client, declared))

    def text() -> None:
        for line in apart.lines:
            typer.echo(line)
        prune = " --prune" if apart.undeclared else ""
        done = f"`lockgate schedules apply{prune}` does this" if apart else "all is as declared"
        typer.echo(done)

    show(apart.as_json, output, text=text)
    return ExitCode.DRIFT if apart else ExitCode.OK


def apply(*, folder: Path | None, prune: bool, output: OutputFormat) -> None:
    """Show the difference, then make Temporal's schedules what is declared."""
    declared = declared_schedules(folder)
    text = output is OutputFormat.TEXT

    async def work(client: Client) -> list[str]:
        apart = await _apart(client, declared)
        if text:
            typer.echo("\n".join(apart.lines) or "nothing to do: all is as declared")
        done = [await temporal.make(client, found) for found in apart.off]
        if prune:
            done += [await temporal.delete(client, name) for name in apart.undeclared]
        elif text and apart.undeclared:
            typer.echo(
                f"left: {', '.join(apart.undeclared)}; --prune deletes what nobody declares"
            )
        return [said for said in done if said]

    done = converse(work)
    show(list(done), output, text=lambda: typer.echo("\n".join(done), nl=bool(done)))


def pause(schedule: str, *, folder: Path | None, by: str | None, reason: str) -> None:
    note = f"paused by {who(by)}: {reason}"
    declared = declared_schedules(folder)
    converse(lambda client: temporal.pause(client, schedule, declared, note=note))
    typer.echo(f"{schedule}: {note}")


def resume(schedule: str, *, folder: Path | None, by: str | None) -> None:
    note = f"resumed by {who(by)}"
    declared = declared_schedules(folder)
    converse(lambda client: temporal.resume(client, schedule, declared, note=note))
    typer.echo(f"{schedule}: {note}")


def trigger(schedule: str, *, folder: Path | None) -> None:
    declared = declared_schedules(folder)
    converse(lambda client: temporal.trigger(client, schedule, declared))
    typer.echo(f"{schedule}: triggered")


async def _apart(client: Client, declared: Sequence[Declared]) -> _Apart:
    found = await temporal.look(client, declared)
    off = tuple(one for one in found if one.change is not None)
    return _Apart(off, await temporal.undeclared(client, declared))


def _when(spec: StartsSpec) -> str:
    return f"{spec.cron} {spec.time_zone}" if spec.every is None else write_duration(spec.every)


def _state(found: Found) -> str:
    if not found.applied:
        return "not in Temporal"
    state = f"paused ({found.note})" if found.paused else "on"
    return f"{state}, differs" if found.differences else state


def _row(found: Found) -> tuple[str, ...]:
    return (
        found.declared.id,
        _when(found.declared.spec),
        _state(found),
        clock(found.last) if found.last else "",
        clock(found.next) if found.next else "",
        found.declared.spec.why,
    )


def _as_json(found: Found) -> dict[str, JsonValue]:
    return {
        "id": found.declared.id,
        "declared": found.declared.spec.model_dump(mode="json", by_alias=True, exclude_none=True),
        "applied": found.applied,
        "paused": found.paused,
        "note": found.note,
        "differences": [difference.as_json() for difference in found.differences],
        "last": _moment(found.last),
        "next": _moment(found.next),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
