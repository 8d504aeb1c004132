"""A release's windows as its documents have them, compiled for each environment it passes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from workflows.domain.calendar.fiscal import closes
from workflows.domain.calendar.ics import IcsRefused, bounded, read_ics
from workflows.domain.calendar.lengths import stage_length
from workflows.domain.calendar.reach import FeedAsk, feed_ask, places
from workflows.domain.calendar.scope import Place
from workflows.domain.calendar.slots import Interval
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.windows import (
    InFlight,
    Move,
    NamedSpan,
    OverrideRule,
    WindowKind,
    WindowRule,
)
from workflows.domain.release.plan import Plan, Stage
from workflows.domain.spec.catalog import Catalog
from workflows.domain.spec.release import Release
from workflows.domain.spec.window import CalendarSpec, WindowTerms
from workflows.domain.values import Value

KNOWN_FOR = timedelta(days=400)
"""How far a calendar's events are read; a release that waits longer must be made anew."""

MOST_SPANS = 2_000
"""Events of one calendar in that time; they travel with the release."""


class Timetable(Value):
    """What one environment's part of a release goes by, but for what the world says."""

    environment: str
    places: tuple[Place, ...]
    windows: tuple[WindowRule, ...] = ()
    feeds: tuple[FeedAsk, ...] = ()
    interval: Interval = Interval()
    people: dict[str, tuple[str, ...]] = {}
    """Who may set windows aside, and the roles of each."""
    reserve: timedelta = timedelta(0)
    """The part of the interval that is only there to turn back in."""

    def of(self, service: str) -> "Timetable":
        """The part that is about one service."""
        places = tuple(place for place in self.places if place.service == service)
        windows = tuple(w for w in self.windows if any(w.concerns(p) for p in places))
        return self.model_copy(update={"places": places, "windows": windows})


def timetables(
    release: Release, catalog: Catalog, plan: Plan, at: datetime
) -> tuple[Timetable, ...]:
    """One timetable for each stage of *plan*, with the calendars' events from *at* on.

    Raises:
        ValueError: with every window that cannot be gone by, one a line.
    """
    within = Span(start_at=at - timedelta(days=1), end_at=at + KNOWN_FOR)
    problems: list[str] = []
    windows = list(_windows(catalog, within, problems))
    found = tuple(_timetable(release, catalog, stage, windows, problems) for stage in plan.stages)
    if problems:
        raise ValueError("\n".join(dict.fromkeys(problems)))
    return found


def _timetable(
    release: Release,
    catalog: Catalog,
    stage: Stage,
    windows: list[WindowRule],
    problems: list[str],
) -> Timetable:
    where = places(release.spec, catalog, stage.environment, release.metadata.labels)
    ours = tuple(w for w in windows if any(w.concerns(place) for place in where))
    for window in ours:
        if window.recurrence is not None:
            try:
                window.recurrence.zone_for(where[0].zone)
            except ValueError as error:
                problems.append(f"{window.source} in environment {stage.environment!r}: {error}")
    schedule = release.spec.schedule
    return Timetable(
        environment=stage.environment,
        places=where,
        windows=ours,
        feeds=tuple(
            ask
            for ask in map(feed_ask, catalog.calendars.values())
            if ask is not None and ask.connection in {window.feed for window in ours}
        ),
        interval=Interval(
            lasts=stage_length(stage) + schedule.rollback_reserve,
            not_before=schedule.not_before,
            deadline=schedule.deadline,
        ),
        people={name: person.roles for name, person in sorted(catalog.people.items())},
        reserve=schedule.rollback_reserve,
    )


def windows_of(catalog: Catalog, within: Span) -> tuple[WindowRule, ...]:
    """Every window of *catalog*, whatever it is about, with its calendars' events in *within*.

    Raises:
        ValueError: with every calendar that cannot be gone by, one a line.
    """
    problems: list[str] = []
    found = tuple(_windows(catalog, within, problems))
    if problems:
        raise ValueError("\n".join(dict.fromkeys(problems)))
    return found


def _windows(catalog: Catalog, within: Span, problems: list[str]) -> Iterator[WindowRule]:
    for name, window in sorted(catalog.change_windows.items()):
        yield _rule(f"ChangeWindow {name}", name, window).model_copy(
            update={"recurrence": window.recurrence}
        )
    for name, calendar in sorted(catalog.calendars.items()):
        rule = _rule(f"Calendar {name}", name, calendar)
        if calendar.feed is not None:
            yield rule.model_copy(update={"feed": calendar.feed.connection})
            continue
        spans = _spans(calendar, catalog, within, rule.source, problems)
        yield rule.model_copy(update={"spans": spans, "known_until": within.end_at})


def _spans(
    calendar: CalendarSpec, catalog: Catalog, within: Span, source: str, problems: list[str]
) -> tuple[NamedSpan, ...]:
    if calendar.fiscal is not None and calendar.time_zone is not None:
        return tuple(closes(calendar.fiscal, calendar.time_zone, within))
    name = calendar.ics
    if name is None or name not in catalog.files:
        problems.append(f"{source}: the text of its file {name!r} is not in the catalog")
        return ()
    try:
        spans, whole = expanded(catalog.files[name], calendar.time_zone, within)
    except IcsRefused as refused:
        problems += [f"{source}: {name} {problem}" for problem in refused.problems]
        return ()
    if not whole:
        problems.append(
            f"{source}: {name} has more than {MOST_SPANS} events before {within.end_at}"
        )
    return spans


def expanded(text: str, days_in: str | None, within: Span) -> tuple[tuple[NamedSpan, ...], bool]:
    """The events of an iCalendar text that overlap *within*, and whether these are all.

    Raises:
        IcsRefused: it is no calendar that can be gone by.
    """
    found, whole = bounded(read_ics(text, days_in=days_in).happenings(within), MOST_SPANS)
    return tuple(
        NamedSpan(start_at=h.span.start_at, end_at=h.span.end_at, summary=h.summary[:200])
        for h in found
    ), whole


def _rule(source: str, name: str, terms: WindowTerms) -> WindowRule:
    override = terms.override
    return WindowRule(
        name=name,
        source=source,
        kind=WindowKind(terms.kind),
        reason=terms.reason,
        scope=terms.scope,
        labels=terms.selector.match_labels if terms.selector else {},
        moves=tuple(Move(action) for action in terms.actions),
        in_flight=InFlight(terms.in_flight),
        weight=terms.weight,
        override=OverrideRule(
            approvers=override.approvers,
            roles=override.roles,
            max_duration=override.max_duration,
            retrospective=override.retrospective,
        )
        if override
        else None,
    )
