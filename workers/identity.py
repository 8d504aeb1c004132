"""Issuers of identity tokens as the settings name them."""

from dataclasses import replace
from datetime import timedelta

import httpx

from activities.identity import IdentityActivities, Issuer, IssuerKeys
from infra.issuers import PeopleIssuer, PipelineIssuer
from workers.health import Dependency
from workers.parts import Parts
from workflows.domain.people.identity import AccountKind

# A person waits for the answer to their vote, so an issuer that hangs must not take all of it.
_PATIENCE = httpx.Timeout(4, connect=2)


def identity_of(parts: Parts) -> tuple[IdentityActivities, tuple[Dependency, ...]]:
    """The issuers, and what they need to be asked.

    Keys that are known serve on while their issuer is away; so it is asked at the start.
    """
    # A redirect would let the issuer's keys come from elsewhere.
    client = httpx.Client(timeout=_PATIENCE, trust_env=False, follow_redirects=False)
    entries = parts.settings.identity
    keys = {entry.issuer: IssuerKeys(entry.issuer, client=client) for entry in entries.values()}
    port = IdentityActivities(
        [_issuer(name, entry) for name, entry in entries.items()],
        lambda issuer: keys[issuer.url],
    )
    needs = (
        Dependency(f"identity.{name}.issuer", entry.issuer, keys[entry.issuer].learn)
        for name, entry in entries.items()
    )
    return port, tuple(needs)


def _issuer(name: str, entry: PeopleIssuer | PipelineIssuer) -> Issuer:
    trusted = Issuer(
        name=name,
        url=entry.issuer,
        audience=entry.audience,
        kind=AccountKind.CI,
        account_claim=entry.account_claim,
        groups_claim=None,
        claims=entry.claims,
        skew=timedelta(seconds=entry.skew_seconds),
        longest=timedelta(seconds=entry.longest_seconds),
    )
    if isinstance(entry, PipelineIssuer):
        return trusted
    return replace(
        trusted,
        kind=AccountKind.OIDC,
        groups_claim=entry.groups_claim or None,
        roles=entry.roles,
    )
