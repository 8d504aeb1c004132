"""Verifying one identity token: whose signature, for whom, until when, and about what."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
from jwt import PyJWK
from jwt.exceptions import MissingRequiredClaimError, PyJWTError

from activities.identity.issuer import Issuer
from workflows.domain.errors import ProofRefused
from workflows.domain.people.statement import LONGEST_PROOF
from workflows.domain.values import Digest, digest_of

_MOST_GROUPS = 500
Claims = Mapping[str, Any]


def issuer_named_in(proof: str) -> str:
    """Whom the token says it is from; nothing of it is believed yet.

    Raises:
        ProofRefused: it is no signed token.
    """
    if len(proof) > LONGEST_PROOF:
        raise ProofRefused(f"the token is longer than {LONGEST_PROOF} characters")
    try:
        unverified = jwt.decode(proof, options={"verify_signature": False})
    except (PyJWTError, ValueError):
        raise ProofRefused("that is no identity token") from None
    named = unverified.get("iss")
    if not isinstance(named, str):
        raise ProofRefused("the token names no issuer")
    return named


def key_named_in(proof: str, issuer: Issuer) -> str:
    """The id of the key that is said to have signed the token.

    Raises:
        ProofRefused: it is signed by an algorithm that is not trusted, or names no key.
    """
    header = jwt.get_unverified_header(proof)
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in issuer.algorithms:
        raise ProofRefused(
            f"the token is signed by {str(algorithm)[:20]!r}; trusted of {issuer.name} are "
            f"{', '.join(issuer.algorithms)}"
        )
    if not isinstance(key_id, str):
        raise ProofRefused("the token names no key")
    return key_id


def verified(proof: str, issuer: Issuer, key: PyJWK, *, now: datetime) -> Claims:
    """The claims of a token that *issuer* signed with *key*, for us, and not long ago.

    Raises:
        ProofRefused: anything else; the text says what was expected and found, never the token.
    """
    try:
        claims: Claims = jwt.decode(
            proof,
            key=key,
            algorithms=[name for name in issuer.algorithms if name == key.algorithm_name],
            # Who it is from, for whom and until when is checked below, by one clock.
            options={
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
                "require": ["iss", "sub", "aud", "exp", "iat"],
            },
        )
    except MissingRequiredClaimError as error:
        raise ProofRefused(f"the token has no {error.claim}") from None
    except (PyJWTError, ValueError, TypeError) as error:
        raise ProofRefused(
            f"the token does not bear the signature of {issuer.name} ({type(error).__name__})"
        ) from None
    if claims["iss"] != issuer.url:
        raise ProofRefused(f"the token is from {claims['iss']!r}, expected {issuer.url!r}")
    _check_audience(claims, issuer)
    _check_times(claims, issuer, now)
    for name, expected in issuer.claims.items():
        if claims.get(name) != expected:
            raise ProofRefused(
                f"the token's {name} is {_short(claims.get(name))}, expected {expected!r}"
            )
    return claims


def check_nonce(claims: Claims, expected: str) -> None:
    """Whether the token was made for this statement.

    Raises:
        ProofRefused: it was made for another one, or for none.
    """
    found = claims.get("nonce")
    if not isinstance(found, str):
        raise ProofRefused("the token stands for no statement: it has no nonce")
    if not hmac.compare_digest(found.encode(), expected.encode()):
        raise ProofRefused(
            "the token stands for another statement: another release, run, gate, content, word "
            "or reason than it was sent with"
        )


def account_in(claims: Claims, issuer: Issuer) -> str:
    """The id of the account that the token is about: `NAME@ISSUER`.

    Raises:
        ProofRefused: the claim that names it is missing or cannot be a name.
    """
    named = claims.get(issuer.account_claim)
    if not isinstance(named, str) or not 1 <= len(named) <= 200 or not named.isprintable():
        raise ProofRefused(f"the token's {issuer.account_claim} names nobody: {_short(named)}")
    return f"{named}@{issuer.name}"


def roles_in(claims: Claims, issuer: Issuer) -> tuple[str, ...] | None:
    """The roles that the token's groups confirm; None where the issuer tells no groups.

    Raises:
        ProofRefused: the issuer tells groups, and this token does not.
    """
    if issuer.groups_claim is None:
        return None
    groups = claims.get(issuer.groups_claim)
    if groups is None and issuer.groups_claim in claims:
        return ()  # as OpenBao says that somebody is in no group
    named = isinstance(groups, list) and all(isinstance(each, str) for each in groups)
    if not isinstance(groups, list) or not named or len(groups) > _MOST_GROUPS:
        raise ProofRefused(
            f"the token's {issuer.groups_claim} is no list of at most {_MOST_GROUPS} groups"
        )
    return tuple(sorted({issuer.roles.get(group, group) for group in groups}))


def proof_digest(proof: str) -> Digest:
    """What stands for the token once it is left behind.

    Of what is signed alone: a signature can be written in more than one way, and a token that was
    used must not look like another one for that.
    """
    return digest_of(proof.rpartition(".")[0])


def _check_audience(claims: Claims, issuer: Issuer) -> None:
    """A token that is also for others could have been theirs, so it must say that we asked."""
    named = claims["aud"]
    audiences = named if isinstance(named, list) else [named]
    if issuer.audience not in audiences:
        raise ProofRefused(f"the token is for {_short(named)}, expected {issuer.audience!r}")
    if len(audiences) > 1 and claims.get("azp") != issuer.audience:
        raise ProofRefused(f"the token is for {_short(named)}, and not asked for by us (azp)")


def _check_times(claims: Claims, issuer: Issuer, now: datetime) -> None:
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if now >= expires + issuer.skew:
        raise ProofRefused(f"the token expired at {expires:%Y-%m-%d %H:%M:%SZ}: ask for a new one")
    if issued > now + issuer.skew:
        raise ProofRefused(f"the token is issued in the future, at {issued:%Y-%m-%d %H:%M:%SZ}")
    if now - issued > issuer.longest + issuer.skew:
        raise ProofRefused(
            f"the token was issued at {issued:%Y-%m-%d %H:%M:%SZ}, longer ago than "
            f"{issuer.longest.total_seconds():.0f} s: ask for a new one"
        )
    if "nbf" in claims and _moment(claims, "nbf") > now + issuer.skew:
        raise ProofRefused("the token is not valid yet")


def _moment(claims: Claims, name: str) -> datetime:
    stamp = claims[name]
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        raise ProofRefused(f"the token's {name} is no time: {_short(stamp)}")
    try:
        return datetime.fromtimestamp(stamp, UTC)
    except (OverflowError, OSError, ValueError):
        raise ProofRefused(f"the token's {name} is no time: {_short(stamp)}") from None


def _short(claim: object) -> str:
    return repr(claim)[:100]
