"""Printing what happened in a release, and whether its audit record still says so."""

import asyncio
import json
from collections.abc import AsyncIterator

import typer
from pydantic import JsonValue
from temporalio.client import Client

from starters.board import brief, clock
from starters.exit_codes import ExitCode
from starters.history import Step, steps
from starters.output import OutputFormat, show, table
from starters.record import links, verified
from starters.releases import find, read
from starters.session import converse
from starters.watching import EVERY, settled
from workflows.domain.audit import Link


def history(release: str, *, output: OutputFormat) -> None:
    """The steps of *release* and of the stories that it began, as sentences with times."""

    async def work(client: Client) -> tuple[str, tuple[Step, ...]]:
        found = await find(client, release)
        return found, await steps(client, found)

    found, told = converse(work)

    def text() -> None:
        headings = ("at", "took", "where", "what", "how it came out")
        table(headings, [_row(step, found) for step in told])

    show([_as_json(step) for step in told], output, text=text)


def events(release: str, *, follow: bool, output: OutputFormat) -> None:
    """The audit record's entries; with *follow*, new ones until the release is settled."""

    async def work(client: Client) -> list[JsonValue]:
        found = await find(client, release)
        told: list[JsonValue] = []
        async for link in _followed(client, found) if follow else links(client, found):
            if output is OutputFormat.YAML:
                told.append(link.model_dump(mode="json"))
            else:
                typer.echo(_line(link) if output is OutputFormat.TEXT else _json(link))
        return told

    told = converse(work)
    if output is OutputFormat.YAML:
        show(told, output, text=lambda: None)


async def _followed(client: Client, release: str) -> AsyncIterator[Link]:
    """Entries as they are recorded; those of the end are read after the end was seen."""
    position, ended = 0, False
    while True:
        async for link in links(client, release, after=position):
            position = link.position
            yield link
        if ended:
            return
        ended = settled((await read(client, release)).phase)
        if not ended:
            await asyncio.sleep(EVERY.total_seconds())


def verify(release: str, *, output: OutputFormat) -> int:
    """Whether every entry is as it was written, and follows from the one before it."""

    async def work(client: Client) -> tuple[str, tuple[Link, ...], str | None]:
        found = await find(client, release)
        return found, *await verified(client, found)

    found, chain, flaw = converse(work)
    head = chain[-1].hash if chain else None
    sentence = f"broken: {flaw}" if flaw else f"intact: {len(chain)} entries, head {head}"
    verdict: JsonValue = {
        "release": found,
        "intact": flaw is None,
        "entries": len(chain),
        "head": head,
        "flaw": flaw,
    }
    show(verdict, output, text=lambda: typer.echo(f"{found}: {sentence}"))
    return ExitCode.AUDIT_BROKEN if flaw else ExitCode.OK


def _row(step: Step, release: str) -> tuple[str, ...]:
    where = step.story.removeprefix(release).strip("/") or "release"
    took = "" if step.took is None else brief(step.took)
    return (clock(step.at), took, where, step.sentence, step.outcome)


def _as_json(step: Step) -> JsonValue:
    return {
        "at": step.at.isoformat(),
        "story": step.story,
        "sentence": step.sentence,
        "outcome": step.outcome,
        "seconds": None if step.took is None else step.took.total_seconds(),
    }


def _json(link: Link) -> str:
    return json.dumps(link.model_dump(mode="json"), ensure_ascii=False)


def _line(link: Link) -> str:
    entry = link.entry
    actor = f"  by {entry.actor}" if entry.actor else ""
    detail = f"  {entry.detail}" if entry.detail and entry.detail not in entry.sentence else ""
    words = entry.sentence.replace("\n", " ")
    return f"{clock(entry.at)}  {entry.outcome:<10} {words}{actor}{detail}".rstrip()
