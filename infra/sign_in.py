"""Where people sign in, as a front door knows it: the environment, or the local stack's file."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from infra.issuers import reachable
from infra.part import Part

ISSUER_VARIABLE = "LOCKGATE_OIDC_ISSUER"
CLIENT_VARIABLE = "LOCKGATE_OIDC_CLIENT_ID"
SCOPES_VARIABLE = "LOCKGATE_OIDC_SCOPES"
LOCAL_FILE = "identity.toml"


class SignInUnusable(Exception):
    """What is configured cannot be used; the message says what to correct."""


class SignIn(Part):
    """An OpenID provider, and what this command line is called there."""

    issuer: str
    client_id: str = Field(min_length=1)
    scopes: tuple[str, ...] = ("openid",)

    @field_validator("issuer")
    @classmethod
    def _cannot_be_spoken_for(cls, issuer: str) -> str:
        return reachable(issuer)


def sign_in(environment: Mapping[str, str] | None = None) -> SignIn | None:
    """The provider that is configured; None where nothing says which.

    Raises:
        SignInUnusable: half of it is missing, or an address that anybody could answer for.
    """
    environment = os.environ if environment is None else environment
    issuer, client = environment.get(ISSUER_VARIABLE), environment.get(CLIENT_VARIABLE)
    if not issuer and not client:
        return _local(environment)
    if not issuer or not client:
        raise SignInUnusable(f"set both {ISSUER_VARIABLE} and {CLIENT_VARIABLE}, or neither")
    scopes = tuple((environment.get(SCOPES_VARIABLE) or "openid").split())
    return _read({"issuer": issuer, "client_id": client, "scopes": scopes}, ISSUER_VARIABLE)


def _local(environment: Mapping[str, str]) -> SignIn | None:
    file = Path(environment.get("LOCKGATE_HOME") or ".lockgate") / LOCAL_FILE
    try:
        written = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SignInUnusable(f"{file}: cannot be read: {type(error).__name__}") from error
    return _read(written, str(file))


def _read(written: Mapping[str, object], where: str) -> SignIn:
    try:
        return SignIn.model_validate(written)
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        )
        raise SignInUnusable(f"{where}: {told}") from error
