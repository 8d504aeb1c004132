"""Accounts and the humans behind them; who nobody knows is nobody."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from workflows.domain.values import Digest, Value


class Assurance(StrEnum):
    """How it is known who somebody is."""

    ASSERTED = "asserted"
    PROVEN = "proven"


class AccountKind(StrEnum):
    """Where an account is: each system has its own names for people."""

    NAME = "name"
    """No account: the name of a person of the catalog, as somebody typed it."""
    OIDC = "oidc"
    CI = "ci"
    GIT = "git"
    BUILD = "build"
    VAULT = "vault"
    CHAT = "chat"


_FOLDED = frozenset({AccountKind.NAME, AccountKind.GIT})
"""Typed by people. The systems of all others tell `ana` from `Ana`, so nothing is folded there."""


class Account(Value):
    """One name in one system."""

    kind: AccountKind
    id: str

    @property
    def key(self) -> str:
        """The same for two spellings of one account."""
        same = self.id.strip()
        return f"{self.kind}:{same.casefold() if self.kind in _FOLDED else same}"

    def __str__(self) -> str:
        return self.id if self.kind is AccountKind.NAME else f"{self.kind}:{self.id}"


class Proven(Value):
    """Who made a statement, as an issuer of identity tokens confirmed it.

    `roles` are those that the issuer's groups confirm; None where it tells no groups. `statement`
    is what was said, `proof` the digest of the token: the token itself is not kept.
    """

    person: str
    account: str
    roles: tuple[str, ...] | None = None
    statement: Digest
    proof: Digest
    proven_at: datetime

    def __str__(self) -> str:
        return f"{self.person} as {self.account}"


class IdentityMap:
    """Which human an account belongs to; one that two people claim belongs to neither."""

    def __init__(self, people: Mapping[str, Iterable[Account]]) -> None:
        self._humans: dict[str, set[str]] = {}
        for name, accounts in people.items():
            own = Account(kind=AccountKind.NAME, id=name)
            for account in (own, *accounts):
                self._humans.setdefault(account.key, set()).add(name)

    def human(self, account: Account) -> str | None:
        """The one human of *account*, or None: nobody claims it, or more than one do."""
        claiming = self._humans.get(account.key, set())
        return next(iter(claiming)) if len(claiming) == 1 else None

    def of_kind(self, *kinds: AccountKind) -> dict[str, str]:
        """The keys of the accounts of these kinds, each with its human."""
        wanted = tuple(f"{kind}:" for kind in kinds)
        return {
            key: min(humans)
            for key, humans in sorted(self._humans.items())
            if key.startswith(wanted) and len(humans) == 1
        }

    def problems(self) -> Iterator[str]:
        """Name each account that more than one person claims."""
        for key, humans in sorted(self._humans.items()):
            if len(humans) > 1:
                yield (
                    f"account {key} is claimed by {' and '.join(sorted(humans))}: "
                    "it must belong to one person"
                )
