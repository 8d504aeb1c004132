"""Proving who says something: by a vault's token where there is one, else in a browser."""

import os
import sys
import webbrowser
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from infra.sign_in import SignIn, SignInUnusable, sign_in
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.identity.loopback import listening
from starters.identity.oidc import Asking, Provider, browserless
from starters.identity.token_file import read_token
from workflows.domain.people.statement import Statement

TOKEN_VARIABLE = "LOCKGATE_VAULT_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_FILE_VARIABLE = "LOCKGATE_VAULT_TOKEN_FILE"  # noqa: S105 - the name of a variable
_WITHIN = 180.0
# Registered for every provider that takes loopback addresses; a vault is never sent there.
_HEADLESS = "http://127.0.0.1/callback"

Open = Callable[[str], object]


def prove(
    statement: Statement,
    *,
    environment: Mapping[str, str] | None = None,
    client: httpx.Client | None = None,
    open_page: Open = webbrowser.open,
) -> str:
    """A token by which whoever is signed in makes *statement*.

    Raises:
        CommandFailed: no provider is configured, nobody signed in, or it refuses.
        NobodyAnswers: the provider does not answer.
    """
    return token_for(statement.nonce, environment=environment, client=client, open_page=open_page)


def token_for(
    nonce: str,
    *,
    environment: Mapping[str, str] | None = None,
    client: httpx.Client | None = None,
    open_page: Open = webbrowser.open,
) -> str:
    """A token of whoever is signed in, with this nonce; raises as `prove` does."""
    environment = os.environ if environment is None else environment
    settings = configured(environment)
    with client or browserless(settings) as asked:
        provider = Provider(settings, asked)
        if (held := vault_token(environment)) is not None:
            asking = Asking(nonce=nonce, redirect=_HEADLESS)
            return provider.token_for(provider.code_with(held, asking), asking)
        return _in_browser(provider, nonce, open_page)


def configured(environment: Mapping[str, str]) -> SignIn:
    """Where people sign in.

    Raises:
        CommandFailed: nothing says where.
    """
    try:
        found = sign_in(environment)
    except SignInUnusable as error:
        raise CommandFailed(str(error), ExitCode.USAGE) from error
    if found is None:
        raise CommandFailed(
            "this needs a proven identity, and no identity provider is configured: set "
            "LOCKGATE_OIDC_ISSUER and LOCKGATE_OIDC_CLIENT_ID",
            ExitCode.USAGE,
        )
    return found


def vault_token(environment: Mapping[str, str]) -> str | None:
    """The vault's token of a person or a script: a variable, a file, or what `login` kept.

    Raises:
        CommandFailed: the file is not one's own alone, or holds no token.
    """
    if held := environment.get(TOKEN_VARIABLE):
        return held.strip()
    if named := environment.get(TOKEN_FILE_VARIABLE):
        return read_token(Path(named), named_by=TOKEN_FILE_VARIABLE)
    kept = token_place(environment)
    return read_token(kept, named_by="lockgate login") if kept.exists() else None


def token_place(environment: Mapping[str, str]) -> Path:
    """Where `lockgate login` keeps the vault's token: by XDG's rules, for this person alone."""
    state = environment.get("XDG_STATE_HOME")
    folder = Path(state) if state else Path(environment.get("HOME") or "~").expanduser()
    return (folder if state else folder / ".local" / "state") / "lockgate" / "vault-token"


def _in_browser(provider: Provider, nonce: str, open_page: Open) -> str:
    with listening() as answers:
        asking = Asking(nonce=nonce, redirect=answers.redirect)
        page = provider.page_for(asking)
        sys.stderr.write(f"sign in to decide, in the browser that opens or at\n  {page}\n")
        open_page(page)
        return provider.token_for(provider.code_in(answers.next(_WITHIN), asking), asking)
