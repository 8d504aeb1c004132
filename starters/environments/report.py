"""What environments cost, how old they are and who can reach them, team by team."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import computed_field

from starters.environments.page import money
from workflows.domain.environments.cost import per_month, so_far
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.values import View
from workflows.ports.environments import Surface

_CENT = Decimal("0.01")


class Exposed(View):
    """What the whole world can reach of it; None where nobody could be asked, or not of all."""

    ports: tuple[str, ...] = ()
    unknown: str = ""

    def __str__(self) -> str:
        said = ", ".join(self.ports)
        if self.unknown:
            return f"{said}, and unknown" if said else "unknown"
        return said or "none"


class Reported(View):
    """One living environment of the report."""

    environment: str
    team: str
    owner: str = ""
    template: str = ""
    phase: str = ""
    age: timedelta | None = None
    expires_at: datetime | None = None
    held: bool = False
    protected: bool = False
    currency: str = ""
    per_month: Decimal | None = None
    """None where a price is unknown."""
    so_far: Decimal | None = None
    unpriced: tuple[str, ...] = ()
    exposed: Exposed
    unknown: str = ""
    """Why it could not be asked at all."""


class Sum(View):
    """Money in one currency."""

    currency: str
    per_month: Decimal
    so_far: Decimal


class Team(View):
    """The environments of one team, the most expensive first, and what they cost together."""

    team: str
    environments: tuple[Reported, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sums(self) -> tuple[Sum, ...]:
        return _sums(self.environments)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def unknown_costs(self) -> int:
        """Of how many nobody knows what they cost: the sums are at least so much."""
        return _unknown(self.environments)


class Report(View):
    """Every living environment by team, at one time."""

    at: datetime
    teams: tuple[Team, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sums(self) -> tuple[Sum, ...]:
        return _sums(self._all)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def unknown_costs(self) -> int:
        return _unknown(self._all)

    @property
    def _all(self) -> tuple[Reported, ...]:
        return tuple(one for team in self.teams for one in team.environments)


def reported(
    view: EnvironmentView, surface: Surface | None, *, at: datetime, why_unknown: str = ""
) -> Reported:
    """What the report says of one; *surface* is None where it could not be looked at."""
    return Reported(
        environment=view.name,
        team=view.team,
        owner=view.owner,
        template=view.template,
        phase=str(view.phase),
        age=None if view.created_at is None else at - view.created_at,
        expires_at=view.expires_at,
        held=view.hold is not None,
        protected=view.protected,
        currency=view.currency,
        per_month=_to_the_cent(per_month(view.per_hour)),
        so_far=_to_the_cent(so_far(view, at)),
        unpriced=view.unpriced,
        exposed=_exposed(surface, why_unknown),
    )


def silent(name: str, team: str, why: str) -> Reported:
    """One of which nothing is known but that it lives."""
    return Reported(environment=name, team=team, exposed=Exposed(unknown=why), unknown=why)


def report_of(environments: Iterable[Reported], *, at: datetime) -> Report:
    """The report, teams by name."""
    teams: dict[str, list[Reported]] = {}
    for one in environments:
        teams.setdefault(one.team, []).append(one)
    return Report(
        at=at,
        teams=tuple(
            Team(team=team, environments=tuple(sorted(ones, key=_costly)))
            for team, ones in sorted(teams.items())
        ),
    )


def total(sums: Iterable[Sum], unknown: int) -> str:
    """The sums in words: `at least` where something is not in them."""
    least = "at least " if unknown else ""
    said = " and ".join(
        f"{least}{money(one.per_month, one.currency)} a month, "
        f"{least}{money(one.so_far, one.currency)} so far"
        for one in sums
    )
    if unknown:
        of = f"the cost of {unknown} is unknown"
        return f"{said}; {of}" if said else of
    return said or "nothing"


def _to_the_cent(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(_CENT)


def _costly(one: Reported) -> tuple[bool, Decimal, str]:
    """What nobody knows comes first: it may be more than all else."""
    known = one.per_month is not None
    return known, -(one.per_month or Decimal(0)), one.environment


def _exposed(surface: Surface | None, why_unknown: str) -> Exposed:
    if surface is None:
        return Exposed(unknown=why_unknown or "not asked")
    return Exposed(
        ports=tuple(str(port) for port in surface.open), unknown="; ".join(surface.unreadable)
    )


def _sums(environments: Iterable[Reported]) -> tuple[Sum, ...]:
    """What is known, by currency."""
    known: dict[str, list[Decimal]] = {}
    for one in environments:
        if one.per_month is not None:
            month, spent = known.setdefault(one.currency, [Decimal(0), Decimal(0)])
            known[one.currency] = [month + one.per_month, spent + (one.so_far or Decimal(0))]
    return tuple(
        Sum(currency=currency, per_month=month, so_far=spent)
        for currency, (month, spent) in sorted(known.items())
    )


def _unknown(environments: Iterable[Reported]) -> int:
    return sum(one.per_month is None for one in environments)
