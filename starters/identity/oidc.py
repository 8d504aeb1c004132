"""Getting an identity token that stands for one statement: the code flow with PKCE."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx
import jwt
from jwt.exceptions import PyJWTError

from infra.issuers import reachable
from infra.sign_in import SignIn
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers

_SECONDS = 10.0
_DISCOVERY = "/.well-known/openid-configuration"


def _secret() -> str:
    return secrets.token_urlsafe(48)


@dataclass(frozen=True)
class Asking:
    """One request for a token: `state` and `verifier` are known to nobody else."""

    nonce: str
    redirect: str
    state: str = field(default_factory=_secret, repr=False)
    verifier: str = field(default_factory=_secret, repr=False)

    def parameters(self, settings: SignIn) -> dict[str, str]:
        hashed = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": self.redirect,
            "scope": " ".join(settings.scopes),
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }


class Provider:
    """The OpenID provider that people sign in to. Nothing it answers is printed or kept."""

    def __init__(self, settings: SignIn, client: httpx.Client) -> None:
        """Find its endpoints.

        Raises:
            CommandFailed: it answers something else than its own description.
            NobodyAnswers: it does not answer.
        """
        self.settings = settings
        self._client = client
        described = self._asked("GET", settings.issuer.rstrip("/") + _DISCOVERY)
        if described.get("issuer") != settings.issuer:
            raise self._failed(f"it calls itself {described.get('issuer')!r}")
        self._login = self._endpoint(described, "authorization_endpoint")
        self._token = self._endpoint(described, "token_endpoint")

    def page_for(self, asking: Asking) -> str:
        """Where a person signs in, in a browser."""
        return str(httpx.URL(self._login).copy_merge_params(asking.parameters(self.settings)))

    def code_with(self, vault_token: str, asking: Asking) -> str:
        """The code that a vault gives to whoever holds *vault_token*, without a browser.

        Raises:
            CommandFailed: the vault does not know the token, or refuses the client.
        """
        answer = self._asked(
            "GET",
            self.settings.issuer.rstrip("/") + "/authorize",
            params=asking.parameters(self.settings),
            headers={"X-Vault-Token": vault_token},
        )
        return self.code_in(answer, asking)

    def code_in(self, answer: Mapping[str, Any], asking: Asking) -> str:
        """The code of an answer that was given to *asking*.

        Raises:
            CommandFailed: it was given to another request, or none was given.
        """
        if (refusal := answer.get("error")) is not None:
            raise self._failed(f"signing in failed: {str(refusal)[:80]}")
        state = answer.get("state")
        if not isinstance(state, str) or not hmac.compare_digest(state, asking.state):
            raise self._failed("the answer belongs to another request (state): sign in again")
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise self._failed("the answer is from another issuer: sign in again")
        if not isinstance(code := answer.get("code"), str) or not code:
            raise self._failed("it gave no code")
        return code

    def token_for(self, code: str, asking: Asking) -> str:
        """The identity token that *code* is worth; it stands for the nonce that was asked for.

        Its signature is verified where it counts, by a worker.

        Raises:
            CommandFailed: the provider refuses, or answers with a token for something else.
        """
        answer = self._asked(
            "POST",
            self._token,
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": asking.redirect,
                "client_id": self.settings.client_id,
                "code_verifier": asking.verifier,
            },
        )
        token = answer.get("id_token")
        if not isinstance(token, str) or claims_of(token).get("nonce") != asking.nonce:
            raise self._failed("it gave no token for what was asked")
        return token

    def _asked(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, address, **more)
        except httpx.HTTPError as error:
            raise NobodyAnswers(
                f"the identity provider {self.settings.issuer} does not answer "
                f"({type(error).__name__})"
            ) from None
        if answer.status_code != HTTPStatus.OK:
            hint = ": sign in anew, with `lockgate login`" if answer.status_code == 403 else ""
            raise self._failed(f"it answered {answer.status_code}{hint}")
        try:
            read = answer.json()
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise self._failed("it does not answer with JSON")
        return read

    def _endpoint(self, described: Mapping[str, Any], name: str) -> str:
        try:
            return reachable(str(described.get(name)))
        except ValueError:
            raise self._failed(f"its {name} is {described.get(name)!r}, expected https") from None

    def _failed(self, why: str) -> CommandFailed:
        return CommandFailed(f"identity provider {self.settings.issuer}: {why}", ExitCode.ERROR)


def claims_of(token: str) -> dict[str, Any]:
    """What *token* says, unverified: for showing, never for deciding."""
    try:
        said: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except PyJWTError:
        return {}
    return said


def browserless(settings: SignIn) -> httpx.Client:
    """A client for the provider: short waits, no redirects, no proxy on this machine."""
    local = settings.issuer.startswith("http://")
    return httpx.Client(timeout=_SECONDS, trust_env=not local, follow_redirects=False)
