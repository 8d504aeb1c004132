"""Who people are elsewhere, what must lie with different humans, and how much of it is proven."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from workflows.domain.people.duties import CHECKED_BY_APPROVERS, Duty, Separation
from workflows.domain.people.identity import Account, AccountKind
from workflows.domain.values import Name, SpecPart

_ISSUED = r"^\S{1,200}@[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$"
IssuedName = Annotated[str, Field(pattern=_ISSUED)]
"""`NAME@ISSUER`: what the issuer's token calls somebody, and what the settings call the issuer."""

Alias = Annotated[str, Field(pattern=r"^[^\s<>]{1,254}$")]


class AccountsSpec(SpecPart):
    """What other systems call this human; an account belongs to one person of the catalog."""

    oidc: tuple[IssuedName, ...] = Field(default=(), max_length=10)
    """Whom an identity token names, as `NAME@ISSUER`; a proven vote is traced by it."""
    ci: tuple[IssuedName, ...] = Field(default=(), max_length=20)
    """Who a pipeline's own token says began it, as `NAME@ISSUER`; bots this human answers for."""
    git: tuple[Alias, ...] = Field(default=(), max_length=20)
    """E-mail addresses in commits."""
    build: tuple[Alias, ...] = Field(default=(), max_length=20)
    """Builders and signers of builds."""
    vault: tuple[Alias, ...] = Field(default=(), max_length=10)
    """Entities of the vault."""
    chat: tuple[Alias, ...] = Field(default=(), max_length=10)
    """Ids in chat."""

    @property
    def all(self) -> tuple[Account, ...]:
        written = {
            AccountKind.OIDC: self.oidc,
            AccountKind.CI: self.ci,
            AccountKind.GIT: self.git,
            AccountKind.BUILD: self.build,
            AccountKind.VAULT: self.vault,
            AccountKind.CHAT: self.chat,
        }
        return tuple(Account(kind=kind, id=each) for kind, ids in written.items() for each in ids)


DutySet = Annotated[tuple[Duty, ...], Field(max_length=5)]
Distinct = tuple[Duty | DutySet, ...]


class DelegationSpec(SpecPart):
    """Somebody's approvals, handed over for a while."""

    to: Name
    """Another `Person`, who decides in their place. Whoever is barred hands nothing over."""
    until: AwareDatetime
    """When they decide themselves again; until then they do not."""


def _sets(distinct: Distinct) -> tuple[DutySet, ...]:
    """Duties that are written side by side are one set; each list within is one of its own."""
    side_by_side = tuple(each for each in distinct if isinstance(each, Duty))
    own = tuple(each for each in distinct if not isinstance(each, Duty))
    return (side_by_side, *own) if side_by_side else own


def _apart(distinct: Distinct) -> Distinct:
    if any(len(set(each)) < 2 for each in _sets(distinct)):
        raise ValueError("name at least two different duties: one alone is apart from nothing")
    return distinct


class SeparationSpec(SpecPart):
    """Which duties of one release lie with different humans."""

    distinct: Annotated[Distinct, Field(min_length=1, max_length=10), AfterValidator(_apart)] = (
        tuple((duty, Duty.APPROVER) for duty in CHECKED_BY_APPROVERS)
    )
    """A human holds one of these duties at most, and who did each of them must be known. Several
    lists, as in `[[author, approver], [trigger, approver]]`, hold each by itself."""
    unmapped_identity: Literal["deny", "report"] = "deny"
    """What an account leads to that is nobody's in the catalog."""
    machines: tuple[Annotated[str, Field(pattern=r"^(build|ci|git):\S{1,254}$")], ...] = Field(
        default=(), max_length=20
    )
    """Accounts with no human behind them, such as `build:https://…` of a hosted builder."""

    @property
    def separation(self) -> Separation:
        return Separation(
            distinct=_sets(self.distinct),
            required=tuple(sorted({duty for each in _sets(self.distinct) for duty in each})),
            machines=self.machines,
            unmapped=self.unmapped_identity,
        )
