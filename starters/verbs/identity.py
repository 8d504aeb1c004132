"""Signing in, signing out, and saying as whom decisions would be proven."""

import getpass
import os
import secrets
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client

from starters.asking import asked
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import catalog_of, read_catalog
from starters.files.problems import FilesRefused
from starters.identity.oidc import browserless, claims_of
from starters.identity.signing_in import configured, prove, token_place, vault_token
from starters.identity.vault_login import keep, revoke, signed_in
from starters.output import OutputFormat, show
from starters.session import converse
from workflows.domain.errors import ReleaseError
from workflows.domain.gates.guarding import identity_map
from workflows.domain.people.identity import AccountKind, Proven
from workflows.domain.people.statement import Statement
from workflows.domain.values import digest_of
from workflows.ports.identity import IdentityPort, VerifyStatement


def login(*, user: str | None, password_file: Path | None, output: OutputFormat) -> None:
    """Sign in, in a browser or by name and password, and say who that is.

    Raises:
        CommandFailed: no provider is configured, or it lets this person not in.
    """
    if user is not None:
        settings = configured(os.environ)
        password = _password(user, password_file)
        with browserless(settings) as client:
            token = signed_in(settings, client, user=user, password=password)
        keep(token, token_place(os.environ))
    elif password_file is not None:
        raise CommandFailed("--password-file goes with --user NAME", ExitCode.USAGE)
    whoami(catalog=None, output=output)


def logout() -> None:
    """Revoke and remove the token that `login --user` kept; harmless when there is none.

    Raises:
        CommandFailed: the file is not one's own alone.
    """
    place = token_place(os.environ)
    if not place.exists():
        typer.echo("nobody is signed in here")
        return
    settings = configured(os.environ)
    token = vault_token({**_placing(), "HOME": os.environ.get("HOME", "")})
    with browserless(settings) as client:
        ended = token is not None and revoke(settings, client, token)
    place.unlink()
    typer.echo("signed out" if ended else "removed; the vault did not say that it revoked it")


def whoami(*, catalog: Path | None, output: OutputFormat) -> None:
    """Who is signed in; with *catalog*, which of its people a worker takes that to be.

    Raises:
        CommandFailed: nobody is signed in, or a worker does not believe it (DENIED).
        FilesRefused: the catalog is not in order.
    """
    # Random, so that the token that is made for asking stands for nothing else.
    statement = Statement(digest=digest_of(secrets.token_bytes(32)), decision="whoami")
    proof = prove(statement)
    claims = claims_of(proof)
    found: dict[str, JsonValue] = {
        name: claims.get(claim)
        for name, claim in {
            "issuer": "iss",
            "subject": "sub",
            "username": "username",
            "groups": "groups",
        }.items()
    }
    if catalog is not None:
        proven = _known(statement, proof, catalog)
        found |= {"person": proven.person, "account": proven.account}
        found["roles"] = None if proven.roles is None else [*proven.roles]

    def text() -> None:
        for name, value in found.items():
            told = ", ".join(map(str, value)) if isinstance(value, list) else value
            typer.echo(f"{name:<9} {'-' if told in (None, '') else told}")

    show(found, output, text=text)


def _known(statement: Statement, proof: str, folder: Path) -> Proven:
    reading = read_catalog(folder)
    if reading.problems:
        raise FilesRefused(reading.problems)
    accounts = identity_map(catalog_of(reading)).of_kind(AccountKind.OIDC)
    ask = VerifyStatement(statement=statement, proof=proof, accounts=accounts)

    async def work(client: Client) -> Proven:
        return await asked(client, IdentityPort.verify_statement, ask, about="whoami")

    try:
        return converse(work)
    except ReleaseError as refusal:
        raise CommandFailed(str(refusal), ExitCode.DENIED) from refusal


def _password(user: str, file: Path | None) -> str:
    if file is None:
        return getpass.getpass(f"password of {user}: ")
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"--password-file {file}: cannot be read", ExitCode.USAGE) from error


def _placing() -> dict[str, str]:
    """Of the environment, only what says where the kept token is."""
    state = os.environ.get("XDG_STATE_HOME")
    return {"XDG_STATE_HOME": state} if state else {}
