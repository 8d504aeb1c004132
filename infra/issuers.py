"""The settings of those whose tokens say who somebody is."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from infra.part import Part


def reachable(issuer: str) -> str:
    """*issuer*, if nobody on the way to it can answer in its place.

    Raises:
        ValueError: it is neither reached by HTTPS nor on this machine.
    """
    url = urlsplit(issuer)
    if url.scheme == "https" and url.hostname:
        return issuer
    if url.scheme == "http" and url.hostname in _THIS_MACHINE:
        return issuer
    raise ValueError("an https address: whoever answers there says who everybody is")


_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class _TokenIssuer(Part):
    """What is trusted of an issuer of OpenID tokens, and how long.

    `issuer` is its address as its tokens name it; keys are found below it by discovery.
    `audience` is the client id that tokens must be made for.
    """

    issuer: str
    audience: str
    claims: dict[str, str] = {}
    skew_seconds: float = Field(default=30, ge=0, le=120)
    longest_seconds: float = Field(default=600, ge=30, le=3600)

    @field_validator("issuer")
    @classmethod
    def _cannot_be_spoken_for(cls, issuer: str) -> str:
        return reachable(issuer)


class PeopleIssuer(_TokenIssuer):
    """An OpenID provider that people sign in to; its tokens prove who decides.

    `account_claim` names the account: `NAME` of the `NAME@ISSUER` in a catalog, where ISSUER is
    the name of this entry. `groups_claim` names the groups, which must confirm a person's roles;
    `roles` maps groups to roles where their names differ. Leave `groups_claim` out where the
    provider tells no groups: `groups_claim = ""`. `claims` are what every token must say besides.
    """

    type: Literal["people"]
    account_claim: str = "sub"
    groups_claim: str = "groups"
    roles: dict[str, str] = {}


class PipelineIssuer(_TokenIssuer):
    """A CI system whose pipelines show a token of their own, as GitHub and GitLab do.

    `account_claim` names who began the pipeline (`actor`, `user_login`). `claims` are what every
    token must say besides, such as `repository` or `project_path`: without any, each pipeline of
    that CI system is trusted to say who began it.
    """

    type: Literal["pipelines"]
    account_claim: str = "actor"
