"""What makes two releases changes of the same pattern, so that one may speak for the other."""

from collections.abc import Iterator

from pydantic import JsonValue

from workflows.domain.canonical import content_digest
from workflows.domain.release.misfits import strategy_of
from workflows.domain.risk.facts import ChangeFacts
from workflows.domain.spec import Catalog, ReleaseSpec
from workflows.domain.values import Digest, Value


class Pattern(Value):
    """Which services, what kinds of files, what is done to data, where to and how.

    Neither versions nor commits: those are what is new each time. `classes` holds `unknown` for
    a service of which no repository tells, so that what nobody saw is never like what was seen.
    """

    services: tuple[str, ...]
    classes: tuple[str, ...]
    migrations: tuple[str, ...]
    route: tuple[str, ...]

    @property
    def digest(self) -> Digest:
        content: JsonValue = self.model_dump(mode="json")
        return content_digest(content)

    @property
    def known(self) -> bool:
        return not any(one.endswith(f":{_UNKNOWN}") for one in self.classes)

    def __str__(self) -> str:
        data = [one for one in self.migrations if not one.endswith(":none")]
        return f"{', '.join((*self.classes, *data))} by {', '.join(self.route)}"


_UNKNOWN = "unknown"


def pattern_of(release: ReleaseSpec, catalog: Catalog, change: ChangeFacts | None) -> Pattern:
    """The pattern of *release*, as it is written and as the repositories tell it."""
    services = sorted(service.name for service in release.services)
    return Pattern(
        services=tuple(services),
        classes=tuple(sorted(set(_classes(services, change)))),
        migrations=tuple(sorted(f"{s.name}:{s.migration}" for s in release.services)),
        route=tuple(f"{e.name}:{strategy_of(e, catalog)[0]}" for e in release.environments),
    )


def _classes(services: list[str], change: ChangeFacts | None) -> Iterator[str]:
    told = {source.service: source.classes for source in change.sources} if change else {}
    for service in services:
        for kind in told.get(service, (_UNKNOWN,)):
            yield f"{service}:{kind}"
