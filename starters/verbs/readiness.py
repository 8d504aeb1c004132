"""Printing readiness reviews with their dossiers, and sending people's words to them."""

import asyncio

import typer
from pydantic import JsonValue, ValidationError
from temporalio.client import Client

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.identity import signing_in
from starters.options import who
from starters.output import OutputFormat, show
from starters.readiness import dossier_of, review_of
from starters.readiness import say as send
from starters.releases import find
from starters.session import converse
from workflows.domain.gates.vote import Vote
from workflows.domain.people.identity import Assurance
from workflows.domain.readiness.page import readiness_page
from workflows.domain.readiness.readiness import ReadinessView, where
from workflows.domain.values import short
from workflows.ports.reviews import SealedDossier


def display(release: str, *, environment: str | None, output: OutputFormat) -> None:
    """Where the review stands, and the dossier whole.

    Raises:
        CommandFailed: there is no review.
        NobodyAnswers: no worker answers for it, or none reads the ledger.
    """

    async def work(client: Client) -> tuple[ReadinessView, SealedDossier | None]:
        view = await review_of(client, await find(client, release), environment)
        digest = view.dossier
        return view, None if digest is None else await dossier_of(client, digest)

    view, sealed = converse(work)

    def text() -> None:
        typer.echo(readiness_page(view, "").rstrip())
        if sealed is not None:
            typer.echo(f"\n{sealed.text}\nsealed {sealed.sealed_at:%Y-%m-%d %H:%M:%SZ}")
            typer.echo(f"dossier {sealed.digest}")

    told: JsonValue = {
        **view.model_dump(mode="json"),
        "text": sealed.text if sealed is not None else None,
    }
    show(told, output, text=text)


def say(
    release: str,
    *,
    go: bool,
    by: str | None,
    note: str,
    environment: str | None,
    dossier: str | None,
    output: OutputFormat,
) -> None:
    """Say go or no-go on the dossier under review, and print what the review makes of it.

    Raises:
        CommandFailed: the word does not count (DENIED), or a no-go says nothing (USAGE).
    """
    if not go and not note.strip():
        raise CommandFailed("no-go needs a --note that says why", ExitCode.USAGE)

    async def work(client: Client) -> tuple[Vote, ReadinessView]:
        view = await review_of(client, await find(client, release), environment)
        proven = view.identity is Assurance.PROVEN
        speaker = (by or "") if proven else who(by)
        word = _word(view, speaker, go=go, note=note, dossier=dossier)
        return word, await send(client, view, await _proven(view, word) if proven else word)

    word, view = converse(work)

    def text() -> None:
        said = "go" if word.approved else "no-go"
        proven = view.identity is Assurance.PROVEN
        whose = "whoever signed in (proven)" if proven else f"{word.voter} (asserted)"
        typer.echo(f"{whose} says {said} on {short(word.digest)}")
        typer.echo(f"readiness of {view.name} for {view.environment}: {view.state}: {view.reason}")

    told: JsonValue = {
        "word": word.model_dump(mode="json", exclude={"proof"}),
        "review": view.model_dump(mode="json"),
    }
    show(told, output, text=text)


async def _proven(view: ReadinessView, word: Vote) -> Vote:
    """The word with the token of whoever is signed in, which stands for it and for no other.

    Raises:
        CommandFailed: nobody signs in, or no identity provider is configured.
    """
    statement = word.statement(release=view.release, run=view.run, gate=where(view.environment))
    # A browser may take minutes, during which the connection to Temporal must be kept.
    proof = await asyncio.to_thread(signing_in.prove, statement)
    return word.model_copy(update={"proof": proof})


def _word(view: ReadinessView, speaker: str, *, go: bool, note: str, dossier: str | None) -> Vote:
    if (digest := dossier or view.dossier) is None:
        opens = f" before {view.opens_at:%Y-%m-%d %H:%MZ}" if view.opens_at else " yet"
        raise CommandFailed(
            f"the readiness review of {view.environment} is not open{opens}", ExitCode.DENIED
        )
    try:
        return Vote(
            voter=speaker,
            approved=go,
            digest=digest,
            note=note,
            environment=view.environment,
        )
    except ValidationError as error:
        raise CommandFailed(
            f"--dossier {dossier}: expected sha256: and 64 hexadecimal digits, as "
            f"`lockgate readiness show {view.name}` prints them",
            ExitCode.USAGE,
        ) from error
