"""What is trusted of one issuer of identity tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from workflows.domain.people.identity import AccountKind

ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "EdDSA")
"""Signatures that only the holder of a private key can make. `none` and HMAC are no proof."""


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """One issuer, as the settings describe it.

    `url` is what its tokens must name as `iss`, `audience` what they must be made for. The claim
    *account_claim* names the account; `groups_claim` the groups, which `roles` translates: a
    group that it does not name is a role of its own name. `claims` must be as they are here.
    """

    name: str
    url: str
    audience: str
    kind: AccountKind = AccountKind.OIDC
    account_claim: str = "sub"
    groups_claim: str | None = "groups"
    roles: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    algorithms: tuple[str, ...] = ALGORITHMS
    skew: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=10)
    """How long after it was issued a token proves anything, whatever it says itself."""
