"""Which windows of a catalog reach a release, and who may set them aside."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from workflows.domain.calendar.scope import Place
from workflows.domain.spec.catalog import Catalog
from workflows.domain.spec.policy import PersonSpec
from workflows.domain.spec.release import ReleaseSpec
from workflows.domain.spec.window import CalendarSpec, WindowTerms
from workflows.domain.values import Value


class FeedAsk(Value):
    """A feed to fetch: whose days its whole days are, and how old a copy may be."""

    connection: str
    max_age: timedelta
    days_in: str | None = None


def feed_ask(calendar: CalendarSpec) -> FeedAsk | None:
    """What to fetch for *calendar*; None where that is no feed."""
    if calendar.feed is None:
        return None
    return FeedAsk(
        connection=calendar.feed.connection,
        max_age=calendar.feed.max_age,
        days_in=calendar.time_zone,
    )


def feeds_asked(catalog: Mapping[str, JsonValue]) -> tuple[FeedAsk, ...]:
    """The feeds of a catalog as it was written; what cannot be read is for admission to name."""
    written = catalog.get("calendars")
    asks = []
    for document in written.values() if isinstance(written, dict) else ():
        try:
            asks.append(feed_ask(CalendarSpec.model_validate(document)))
        except ValidationError:
            continue
    return tuple(ask for ask in asks if ask is not None)


Terms = TypeVar("Terms", bound=WindowTerms)


def places(
    release: ReleaseSpec, catalog: Catalog, environment: str, labels: dict[str, str]
) -> tuple[Place, ...]:
    """Where the release changes something in *environment*, a place for each known service."""
    scope = catalog.environments[environment].scope
    return tuple(
        Place(
            org=scope.org,
            region=scope.region,
            teams=tuple(dict.fromkeys(filter(None, (catalog.services[s.name].owner, scope.team)))),
            service=s.name,
            environment=environment,
            zone=scope.time_zone,
            labels=labels,
        )
        for s in release.services
        if s.name in catalog.services
    )


def in_scope(
    release: ReleaseSpec, catalog: Catalog, windows: dict[str, Terms]
) -> dict[str, Terms]:
    """The windows that are about a place where the release changes something, whatever its labels.

    Nothing has to name a window: it is there for those who do not think of it.
    """
    where = [
        place
        for stop in release.environments
        if stop.name in catalog.environments
        for place in places(release, catalog, stop.name, {})
    ]
    return {
        name: terms
        for name, terms in windows.items()
        if any(place.within(terms.scope) for place in where)
    }


def may_set_aside(catalog: Catalog, windows: Iterable[WindowTerms]) -> dict[str, PersonSpec]:
    """The people who may set one of *windows* aside."""
    overrides = [window.override for window in windows if window.override is not None]
    if any(not override.roles for override in overrides):
        return catalog.people
    roles = {role for override in overrides for role in override.roles}
    return {n: p for n, p in catalog.people.items() if roles.intersection(p.roles)}
