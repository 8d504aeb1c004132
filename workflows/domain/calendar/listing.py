"""What windows, calendars and freezes have in the coming days, as one list."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.timetable import windows_of
from workflows.domain.calendar.wall import LOCAL
from workflows.domain.calendar.windows import Freeze, NamedSpan, WindowRule
from workflows.domain.spec.catalog import Catalog


class Listed(Span):
    """One occurrence of a window, an event of a calendar, or a freeze."""

    window: str
    source: str
    kind: str
    about: str
    reason: str
    weight: float | None = None
    endless: bool = False


def listed(
    catalog: Catalog, freezes: Iterable[Freeze], at: datetime, ahead: timedelta
) -> list[Listed]:
    """All of it that overlaps the time from *at* on, by its start; feeds are left out.

    A window of local time is listed once for each zone in which the catalog has an environment.

    Raises:
        ValueError: a calendar cannot be read.
    """
    within = Span(start_at=at, end_at=at + ahead)
    declared = (freeze.rule(within.end_at) for freeze in freezes)
    windows = [*windows_of(catalog, within), *(rule for rule in declared if rule is not None)]
    zones = sorted({e.scope.time_zone for e in catalog.environments.values() if e.scope.time_zone})
    found = [one for window in windows for one in _occurrences(window, zones, within)]
    return sorted(found, key=lambda one: (one.start_at, one.end_at, one.window))


def _occurrences(window: WindowRule, zones: list[str], within: Span) -> Iterator[Listed]:
    if (recurrence := window.recurrence) is None:
        spans = (s for s in window.spans if s.overlaps(within.start_at, within.end_at))
        yield from (_listed(window, span, "") for span in spans)
        return
    for zone in zones if recurrence.zone == LOCAL else [None]:
        where = f" in {zone}" if zone is not None else ""
        for span in recurrence.occurrences(within, zone):
            named = NamedSpan(start_at=span.start_at, end_at=span.end_at)
            yield _listed(window, named, where)


def _listed(window: WindowRule, span: NamedSpan, where: str) -> Listed:
    return Listed(
        start_at=span.start_at,
        end_at=span.end_at,
        window=window.name,
        source=window.source,
        kind=window.kind,
        about=f"{window.scope}{where}",
        reason=span.summary or window.reason,
        weight=window.weight,
        endless=window.endless,
    )
