"""Printing what happened in a release."""

import asyncio
import json
from collections.abc import AsyncIterator

import typer
from pydantic import JsonValue
from temporalio.client import Client

from starters.audit.audit_sealed import access_of
from starters.audit.history import Step, steps
from starters.audit.record import links
from starters.board import brief, clock
from starters.output import OutputFormat, show, table
from starters.releases import find
from starters.releases import read as status_of
from starters.session import converse
from starters.watching import EVERY, settled
from workflows.domain.audit import Link
from workflows.domain.audit_log.access import Access


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


def events(release: str, *, follow: bool, by: str, output: OutputFormat) -> None:
    """The audit record's entries; with *follow*, new ones until the release is settled."""

    async def work(client: Client) -> list[JsonValue]:
        found = await find(client, release)
        told: list[JsonValue] = []
        access = access_of(by, "events")
        read = _followed(client, found, access) if follow else links(client, found, access=access)
        async for link in read:
            if output is OutputFormat.YAML:
                told.append(link.model_dump(mode="json"))
            else:
                typer.echo(_line(link) if output is OutputFormat.TEXT else _json(link))
        return told

    told = converse(work)
    if output is OutputFormat.YAML:
        show(told, output, text=lambda: None)


async def _followed(client: Client, release: str, access: Access) -> AsyncIterator[Link]:
    """Entries as they are recorded; those of the end are read after the end was seen."""
    position, ended = 0, False
    while True:
        async for link in links(client, release, after=position, access=access):
            position = link.position
            yield link
        if ended:
            return
        ended = settled((await status_of(client, release)).phase)
        if not ended:
            await asyncio.sleep(EVERY.total_seconds())


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
