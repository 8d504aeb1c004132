"""Signing in to OpenBao or Vault by name and password, and keeping the token it gives."""

import contextlib
import os
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx

from infra.sign_in import SignIn
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers

_PROVIDER = "/v1/identity/oidc/provider/"


def vault_of(settings: SignIn) -> str:
    """The address of the vault that is the identity provider.

    Raises:
        CommandFailed: the provider is no vault.
    """
    address, found, _ = settings.issuer.partition(_PROVIDER)
    if not found:
        raise CommandFailed(
            f"{settings.issuer} is no OpenBao or Vault, which alone take a name and a password "
            "here: `lockgate login` signs in in a browser",
            ExitCode.USAGE,
        )
    return address


def signed_in(settings: SignIn, client: httpx.Client, *, user: str, password: str) -> str:
    """The token that the vault gives to *user*.

    Raises:
        CommandFailed: name or password are wrong, or the vault lets nobody in this way.
        NobodyAnswers: the vault does not answer.
    """
    address = f"{vault_of(settings)}/v1/auth/userpass/login/{quote(user, safe='')}"
    try:
        answer = client.post(address, json={"password": password})
    except httpx.HTTPError as error:
        raise NobodyAnswers(
            f"{vault_of(settings)} does not answer ({type(error).__name__})"
        ) from None
    if answer.status_code != HTTPStatus.OK:
        raise CommandFailed(
            f"{vault_of(settings)} does not sign in {user!r} (status {answer.status_code}): check "
            "name and password",
            ExitCode.ERROR,
        )
    token: str = answer.json()["auth"]["client_token"]
    return token


def keep(token: str, place: Path) -> None:
    """Write *token* to *place*, where only its owner can read it.

    Raises:
        CommandFailed: the file cannot be written.
    """
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            place.unlink()  # a file of wider rights would keep them
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CommandFailed(f"{place}: cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(token + "\n")


def revoke(settings: SignIn, client: httpx.Client, token: str) -> bool:
    """End *token* at the vault; False where the vault does not answer or no longer knows it."""
    address = f"{vault_of(settings)}/v1/auth/token/revoke-self"
    try:
        answer = client.post(address, headers=_showing(token))
    except httpx.HTTPError:
        return False
    return answer.is_success


def _showing(token: str) -> Mapping[str, str]:
    return {"X-Vault-Token": token}
