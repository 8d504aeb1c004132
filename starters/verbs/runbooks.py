"""Printing runbooks, and sending what people say of them to the ledger."""

from datetime import UTC, datetime
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import read_catalog
from starters.identity import signing_in
from starters.options import who
from starters.output import OutputFormat, show, table
from starters.runbooks import KnownRunbook, keep, known_runbook, known_runbooks, reviews_of
from starters.session import converse
from workflows.domain.readiness.reviews import Rehearsal, Review, Reviews
from workflows.domain.values import short


def lint(folder: Path, *, output: OutputFormat) -> int:
    """Every runbook with its digest, or every problem of the catalog."""
    if problems := read_catalog(folder).problems:

        def tell() -> None:
            for problem in sorted(problems):
                typer.echo(str(problem))

        show([problem.as_json() for problem in sorted(problems)], output, text=tell)
        return ExitCode.USAGE
    found = known_runbooks(folder)

    def text() -> None:
        rows: list[tuple[str, ...]] = [
            (r.name, r.spec.author, short(r.digest), r.spec.title) for r in found
        ]
        if rows:
            table(("runbook", "author", "digest", "title"), rows)
        else:
            typer.echo(f"no Runbook in {folder}")

    show([_as_json(runbook) for runbook in found], output, text=text)
    return ExitCode.OK


def display(name: str, *, catalog: Path, output: OutputFormat) -> None:
    """All that the runbook says, and what was said of it.

    Raises:
        CommandFailed: there is no such runbook.
        FilesRefused: the catalog has problems.
        NobodyAnswers: no worker reads the ledger.
    """
    runbook = known_runbook(name, catalog)

    async def work(client: Client) -> Reviews:
        return await reviews_of(client, (name,))

    said = converse(work)

    def text() -> None:
        typer.echo(runbook.page)
        typer.echo(f"\ndigest {runbook.digest}")
        for line in _told(said, runbook) or ["nobody has said anything of exactly this content"]:
            typer.echo(line)

    told: JsonValue = {
        **_as_json(runbook),
        "page": runbook.page,
        "reviews": [review.model_dump(mode="json") for review in said.reviews],
        "rehearsals": [one.model_dump(mode="json") for one in said.rehearsals],
    }
    show(told, output, text=text)


def review(
    name: str,
    *,
    approved: bool,
    by: str | None,
    note: str,
    digest: str | None,
    catalog: Path,
    output: OutputFormat,
) -> None:
    """Record one person's word on the runbook as it is.

    Raises:
        CommandFailed: it is the author's own (DENIED), is not the content that was read, or
            rejects without a reason (USAGE).
    """
    if not approved and not note.strip():
        raise CommandFailed(
            "a rejection needs a --note that says what is wrong with it", ExitCode.USAGE
        )
    runbook = _as_read(name, catalog, digest)
    said = Review(
        runbook=name,
        digest=runbook.digest,
        reviewer=(by or "") if runbook.is_proven else who(by),
        approved=approved,
        note=note,
        at=datetime.now(UTC),
    )
    _keep(said, runbook, output)


def rehearse(
    name: str,
    *,
    passed: bool,
    by: str | None,
    note: str,
    digest: str | None,
    catalog: Path,
    output: OutputFormat,
) -> None:
    """Record how a rehearsal of the runbook as it is went.

    Raises:
        CommandFailed: it is not the content that was rehearsed (USAGE).
    """
    runbook = _as_read(name, catalog, digest)
    said = Rehearsal(
        runbook=name,
        digest=runbook.digest,
        by=who(by),
        passed=passed,
        note=note,
        at=datetime.now(UTC),
    )
    _keep(said, runbook, output)


def _as_read(name: str, catalog: Path, digest: str | None) -> KnownRunbook:
    runbook = known_runbook(name, catalog)
    if digest not in {None, runbook.digest}:
        raise CommandFailed(
            f"--digest {digest}: runbook {name} is {runbook.digest} by now; read it again with "
            f"`lockgate runbook show {name}`",
            ExitCode.USAGE,
        )
    return runbook


def _keep(said: Review | Rehearsal, runbook: KnownRunbook, output: OutputFormat) -> None:
    proof = None
    if isinstance(said, Review) and runbook.is_proven:
        proof = signing_in.prove(said.statement)

    async def work(client: Client) -> int:
        return await keep(client, said, runbook, proof=proof)

    waiting = converse(work)

    def text() -> None:
        whose = "proven" if proof is not None else "asserted"
        typer.echo(f"recorded: {str(said).strip()} ({whose})")  # who is in the token, if proven
        if waiting:
            typer.echo(f"{waiting} releases that wait are ruled on anew")

    told: JsonValue = {**said.model_dump(mode="json"), "ruledAnew": waiting}
    show(told, output, text=text)


def _told(said: Reviews, runbook: KnownRunbook) -> list[str]:
    """What was said of exactly this content, and that there is more of what it was before."""
    words: list[Review | Rehearsal] = [*said.reviews, *said.rehearsals]
    now = [word for word in words if word.digest == runbook.digest]
    lines = [
        f"{word.at:%Y-%m-%d %H:%MZ}  {word} ({word.assurance})"
        + (f": {word.note}" if word.note else "")
        for word in sorted(now, key=lambda one: one.at)
    ]
    if before := len(words) - len(now):
        lines.append(f"{before} words were about other content and count no more")
    return lines


def _as_json(runbook: KnownRunbook) -> dict[str, JsonValue]:
    return {
        "runbook": runbook.name,
        "title": runbook.spec.title,
        "author": runbook.spec.author,
        "digest": runbook.digest,
    }
