"""An issuer of identity tokens with a key of its own, and the identity port on it.

Who somebody is, is proven by signatures or not at all, so the fake port verifies as the real one
does; only the issuer is pretended.
"""

import base64
import hashlib
import json
import time
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from activities.identity import IdentityActivities, Issuer, IssuerKeys
from workflows.domain.people.identity import AccountKind, Proven
from workflows.domain.people.statement import Statement
from workflows.ports.identity import IdentityPort, VerifyStatement, VerifyTrigger

URL = "https://issuer.test"
CLIENT = "lockgate-cli"
GROUPS = {"ana": ["sre"], "ben": ["sre"], "eve": ["product"]}


class FakeIssuer:
    """Signs ID tokens, and answers over HTTP as an OpenID provider does.

    *down* leaves questions unanswered. `asked` counts them by path.
    """

    def __init__(self, url: str = URL, groups: dict[str, list[str]] | None = None) -> None:
        self.url = url
        self.groups = GROUPS if groups is None else groups
        self.down = False
        self.clock = time.time
        self.asked: dict[str, int] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.vault_tokens: dict[str, str] = {}
        self.rotate()
        self.client = httpx.Client(transport=httpx.MockTransport(self.answer))

    def rotate(self) -> None:
        """Sign with a new key; the old one is withdrawn."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.key_id = uuid.uuid4().hex

    @property
    def jwks(self) -> dict[str, Any]:
        described = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**described, "kid": self.key_id, "use": "sig", "alg": "ES256"}]}

    @property
    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/login",
            "token_endpoint": f"{self.url}/token",
        }

    def claims(self, who: str, nonce: str | None = None, **other: Any) -> dict[str, Any]:
        """What a token about *who* says; *other* replaces or, as None, leaves out."""
        now = int(self.clock())
        said = {
            "iss": self.url,
            "sub": f"sub-of-{who}",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "username": who,
            "groups": self.groups.get(who, []),
            "jti": uuid.uuid4().hex,
            **other,
        }
        return {name: claim for name, claim in said.items() if claim is not None}

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        return jwt.encode(
            claims, self.key, algorithm="ES256", headers={"kid": self.key_id, **headers}
        )

    def token(self, who: str, statement: Statement, **other: Any) -> str:
        """The token by which *who* makes *statement*."""
        return self.sign(self.claims(who, statement.nonce, **other))

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked[path] = self.asked.get(path, 0) + 1
        if self.down:
            raise httpx.ConnectError("nobody listens", request=request)
        if path.endswith("/.well-known/openid-configuration"):
            return httpx.Response(200, json=self.discovery)
        if path.endswith("/keys"):
            return httpx.Response(200, json=self.jwks)
        if path.endswith("/authorize"):
            return self._authorize_headless(request)
        if path.endswith("/token"):
            return self._exchange(request)
        return httpx.Response(404)

    def log_in(self, url: str, username: str) -> str:
        """What a browser is sent to after *username* logged in at the authorization *url*."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = self._grant(asked, username)
        return str(
            httpx.URL(asked["redirect_uri"], params={"code": code, "state": asked["state"]})
        )

    def _authorize_headless(self, request: httpx.Request) -> httpx.Response:
        """As a vault does it: the person's own token instead of a login page."""
        username = self.vault_tokens.get(request.headers.get("X-Vault-Token", ""))
        if username is None:
            return httpx.Response(403, json={"errors": ["permission denied"]})
        asked = dict(request.url.params)
        code = self._grant(asked, username)
        return httpx.Response(200, json={"code": code, "state": asked["state"]})

    def _grant(self, asked: dict[str, str], username: str) -> str:
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = uuid.uuid4().hex
        self.codes[code] = {**asked, "username": username}
        return code

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        sent = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        granted = self.codes.pop(sent.get("code", ""), None)
        if granted is None or _challenge(sent["code_verifier"]) != granted["code_challenge"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        claims = self.claims(granted["username"], granted["nonce"], aud=granted["client_id"])
        return httpx.Response(200, json={"id_token": self.sign(claims), "token_type": "Bearer"})


def _challenge(verifier: str) -> str:
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def trusted(issuer: FakeIssuer, **other: Any) -> Issuer:
    """*issuer* as the settings of the local stack describe theirs."""
    described = {"name": "local", "url": issuer.url, "audience": CLIENT}
    return Issuer(**{**described, "account_claim": "username", **other})


def trusted_pipelines(issuer: FakeIssuer, **other: Any) -> Issuer:
    """*issuer* as the settings describe a CI system of one repository."""
    return trusted(
        issuer,
        name="ci",
        kind=AccountKind.CI,
        account_claim="actor",
        groups_claim=None,
        claims={"repository": "acme/shop"},
        **other,
    )


class FakeIdentity(IdentityPort):
    def __init__(self) -> None:
        self.issuer = FakeIssuer()
        self.pipelines = FakeIssuer("https://ci.test")
        answering = {each.url: each for each in (self.issuer, self.pipelines)}
        self._verifying = IdentityActivities(
            [trusted(self.issuer), trusted_pipelines(self.pipelines)],
            lambda issuer: IssuerKeys(issuer.url, client=answering[issuer.url].client),
        )

    def verify_statement(self, ask: VerifyStatement) -> Proven:
        return self._verifying.verify_statement(ask)

    def verify_trigger(self, ask: VerifyTrigger) -> Proven:
        return self._verifying.verify_trigger(ask)
