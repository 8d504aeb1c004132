"""The public keys of an issuer: found by discovery, kept for a while, asked for again rarely."""

import threading
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import httpx
import structlog
from jwt import PyJWK
from jwt.exceptions import PyJWKError, PyJWTError

from activities.http import spoken_for
from workflows.domain.errors import ProofRefused, Refused, Unavailable

log = structlog.get_logger(__name__)

FRESH_SECONDS = 600.0
"""So long keys are used without asking again; a key that was withdrawn is trusted no longer."""
_BETWEEN_SECONDS = 10.0
"""At most so often a token with an unknown key makes us ask; anybody can send such tokens."""
_LARGEST = 256 * 1024
_MOST_KEYS = 64
_ASYMMETRIC = frozenset({"RSA", "EC", "OKP"})
_DISCOVERY = "/.well-known/openid-configuration"


class IssuerKeys:
    """The keys of the issuer at *url*; safe to share between threads."""

    def __init__(
        self, url: str, *, client: httpx.Client, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._client = client
        self._clock = clock
        self._turn = threading.Lock()
        self._keys: dict[str, PyJWK] = {}
        self._asked_at: float | None = None

    def find(self, key_id: str) -> PyJWK:
        """The key of this id.

        Raises:
            ProofRefused: the issuer has no such key.
            Unavailable: the issuer does not answer, and what is known of it is too old.
            Refused: what it answers is no description of an issuer of this name.
        """
        with self._turn:
            age = None if self._asked_at is None else self._clock() - self._asked_at
            patience = FRESH_SECONDS if key_id in self._keys else _BETWEEN_SECONDS
            if age is None or age >= patience:
                self._learn()
            if key_id in self._keys:
                return self._keys[key_id]
        raise ProofRefused(f"the issuer {self._url} has no key {key_id[:64]!r}")

    def learn(self) -> None:
        """Ask the issuer now; raises as `find` does."""
        with self._turn:
            self._learn()

    def _learn(self) -> None:
        described = self._read(self._url.rstrip("/") + _DISCOVERY)
        if described.get("issuer") != self._url:
            raise Refused(
                f"the issuer {self._url} describes itself as {described.get('issuer')!r}; "
                "write into the settings what its tokens say"
            )
        self._keys = _usable(self._read(_address_of_keys(self._url, described)))
        self._asked_at = self._clock()
        log.info("issuer_keys_read", issuer=self._url, keys=len(self._keys))

    def _read(self, address: str) -> dict[str, Any]:
        with spoken_for(f"issuer {self._url}"), self._client.stream("GET", address) as answer:
            answer.raise_for_status()
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise Unavailable(f"issuer {self._url} answers more than {_LARGEST} bytes")
        try:
            read = httpx.Response(200, content=body).json()
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise Unavailable(f"issuer {self._url} does not answer with JSON to its discovery")
        return read


def _address_of_keys(issuer: str, described: dict[str, Any]) -> str:
    """Where the keys are; never over plain HTTP, but from this machine itself."""
    named = described.get("jwks_uri")
    if not isinstance(named, str):
        raise Refused(f"the issuer {issuer} names no jwks_uri")
    address = httpx.URL(named)
    if address.scheme == "https" or (address.scheme == "http" and _is_loopback(address.host)):
        return named
    raise Refused(f"the issuer {issuer} has its keys at {named}: expected https")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _usable(answered: dict[str, Any]) -> dict[str, PyJWK]:
    """The keys that can verify a signature, by their ids; others are of no use here."""
    listed = answered.get("keys")
    found: dict[str, PyJWK] = {}
    for described in (listed if isinstance(listed, list) else [])[:_MOST_KEYS]:
        if not isinstance(described, dict) or described.get("use", "sig") != "sig":
            continue
        if described.get("kty") not in _ASYMMETRIC or not isinstance(described.get("kid"), str):
            continue
        try:
            found[described["kid"]] = PyJWK.from_dict(described)
        except (PyJWKError, PyJWTError, ValueError, TypeError):
            continue  # of a kind or a curve that this version does not know
    return found
