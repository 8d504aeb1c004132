"""What a window is about, and whether a target lies within."""

from workflows.domain.values import Name, Names, SpecPart, Value


class Scope(SpecPart):
    """Of each list that is given one must fit; what gives none is about everything."""

    orgs: Names = ()
    """Organisations, as environments name theirs."""
    regions: Names = ()
    """Regions, as environments name theirs."""
    teams: Names = ()
    """Teams: a service's owner, or the team of the environment."""
    services: Names = ()
    """Services of the catalog."""
    environments: Names = ()
    """Environments of the catalog."""

    def __str__(self) -> str:
        told = (f"{name} {', '.join(names)}" for name, names in self if names)
        return "; ".join(told) or "everything"


class Place(Value):
    """Where one service is to be changed, in the words of scopes; `zone` is the place's own."""

    org: Name | None = None
    region: Name | None = None
    teams: Names = ()
    service: Name
    environment: Name
    zone: str | None = None
    labels: dict[str, str] = {}
    """Of the release that changes it."""

    def within(self, scope: Scope, labels: dict[str, str] | None = None) -> bool:
        """Whether *scope* is about this place, and the release has all of *labels*."""
        asked = (
            (scope.orgs, {self.org}),
            (scope.regions, {self.region}),
            (scope.teams, {*self.teams}),
            (scope.services, {self.service}),
            (scope.environments, {self.environment}),
        )
        fits = all(not wanted or ours.intersection(wanted) for wanted, ours in asked)
        return fits and (labels or {}).items() <= self.labels.items()
