"""iCalendar text (RFC 5545) as the spans of its events.

`icalendar` reads the text and `recurring_ical_events` finds when events begin: rules, EXDATE,
RDATE, overrides by RECURRENCE-ID. When they end is ours to say, by RFC 5545 3.8.5.3: DTEND keeps
the exact length of a recurring event, DURATION its days on the wall clock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from workflows.domain.calendar.recurrence import FREQUENCIES
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.wall import zone_of

MOST_EVENTS = 5_000
"""Events of one calendar; more is nobody's calendar of releases."""

Properties: TypeAlias = Any
"""An event as its reader has it: a name may hold one of thirty types, or a list of them."""

_SLACK = timedelta(days=2)
_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")


@dataclass(frozen=True, order=True)
class IcsProblem:
    """What is wrong with the text, and in which of its lines, from 1."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True)
class Happening:
    """One occurrence of an event."""

    span: Span
    summary: str


class Events:
    """The events of one calendar. Build it by `read_ics`, which refuses what is ambiguous."""

    def __init__(self, calendar: Calendar, days_in: ZoneInfo | None) -> None:
        self._calendar = calendar
        self._days_in = days_in
        events = _events(calendar)
        self._series = {str(e["UID"]): e for e in events if "RECURRENCE-ID" not in e}
        self._moved = {
            (str(e["UID"]), self._moment(e["RECURRENCE-ID"].dt))
            for e in events
            if "RECURRENCE-ID" in e
        }

    def happenings(self, within: Span) -> Iterator[Happening]:
        """What overlaps *within* and takes time: not what is cancelled or transparent."""
        longest = max((self._longest(event) for event in self._series.values()), default=_SLACK)
        found = recurring_ical_events.of(self._calendar).between(
            within.start_at - longest - _SLACK, within.end_at + _SLACK
        )
        for event in found:
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                continue
            if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
                continue
            begins, ends = self._moment(event["DTSTART"].dt), self._ends(event)
            if begins < ends and begins < within.end_at and within.start_at < ends:
                span = Span(start_at=begins, end_at=ends)
                yield Happening(span, str(event.get("SUMMARY", "")) or str(event["UID"]))

    def _ends(self, event: Properties) -> datetime:
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        series = self._series.get(str(event["UID"]))
        moved = (str(event["UID"]), self._moment(event["RECURRENCE-ID"].dt)) in self._moved
        if series is None or moved or not isinstance(start, datetime) or "RRULE" not in series:
            return self._moment(end)
        if "DURATION" in series:
            lasts: timedelta = series["DURATION"].dt
            whole = timedelta(days=lasts.days)
            return self._moment(start + whole) + (lasts - whole)
        exact = self._moment(series.end) - self._moment(series.start)
        return self._moment(start) + exact

    def _longest(self, event: Properties) -> timedelta:
        return max(self._moment(event.end) - self._moment(event.start), timedelta(0))

    def _moment(self, at: date) -> datetime:
        if isinstance(at, datetime):
            return at.replace(fold=0).astimezone(UTC)
        return datetime.combine(at, time(), self._days_in).astimezone(UTC)


def read_ics(text: str, *, days_in: str | None = None) -> Events:
    """The events of *text*; whole days are days of the zone *days_in*.

    Raises:
        IcsRefused: with everything that makes it another calendar for another reader.
    """
    try:
        calendar = Calendar.from_ical(text)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise IcsRefused(
            [IcsProblem(_line_named(text, said), f"is no iCalendar: {said}")]
        ) from error
    problems = sorted(_problems(calendar, _Lines(text), days_in))
    if problems:
        raise IcsRefused(problems)
    return Events(calendar, zone_of(days_in) if days_in else None)


class IcsRefused(ValueError):
    """The text is no calendar that can be gone by; `problems` has every reason, with its line."""

    def __init__(self, problems: list[IcsProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, problems[:5])))


class _Lines:
    """Where each property of each event is written."""

    def __init__(self, text: str) -> None:
        self._events: list[dict[str, int]] = []
        self._starts: list[int] = []
        inside: list[str] = []
        for number, line in enumerate(text.splitlines(), start=1):
            name = line.split(":", 1)[0].split(";", 1)[0].strip().upper()
            value = line.split(":", 1)[-1].strip().upper()
            if name == "BEGIN":
                inside.append(value)
                if value == "VEVENT":
                    self._events.append({})
                    self._starts.append(number)
            elif name == "END":
                inside = inside[:-1]
            elif inside and inside[-1] == "VEVENT" and not line.startswith((" ", "\t")):
                self._events[-1].setdefault(name, number)

    def of(self, event: int, name: str) -> int:
        """The line of a property of the event at this position, or of its BEGIN."""
        return self._events[event].get(name, self._starts[event])


def _line_named(text: str, said: str) -> int:
    """The line that the reader's message quotes, or the first."""
    lines = enumerate(text.splitlines(), start=1)
    return next((n for n, line in lines if line.strip() and line.strip() in said), 1)


def _events(calendar: Calendar) -> list[Properties]:
    return list(calendar.walk("VEVENT"))


def _problems(calendar: Calendar, lines: _Lines, days_in: str | None) -> Iterator[IcsProblem]:
    events = _events(calendar)
    if len(events) > MOST_EVENTS:
        yield IcsProblem(1, f"has {len(events)} events; at most {MOST_EVENTS} are read")
        return
    for position, event in enumerate(events):
        for name, message in _event_problems(event, days_in):
            yield IcsProblem(lines.of(position, name), f"{name}: {message}")


def _event_problems(event: Properties, days_in: str | None) -> Iterator[tuple[str, str]]:
    for name, message in event.errors:
        yield (name or "BEGIN").upper(), str(message)
    if event.errors:
        return
    for name in ("UID", "DTSTART"):
        if name not in event:
            yield "BEGIN", f"the event has no {name}, which RFC 5545 asks for"
            return
    for name in _TIMES:
        if "THISANDFUTURE" in str(getattr(event.get(name), "params", "")):
            yield name, "RANGE=THISANDFUTURE is not read; end the series and write a new one"
        for params, at in _times(event.get(name)):
            if (wrong := _wrong_time(params, at, days_in)) is not None:
                yield name, wrong
    yield from _rule_problems(event)


def _times(prop: Properties) -> Iterator[tuple[dict[str, str], object]]:
    for one in prop if isinstance(prop, list) else [prop]:
        if one is None:
            continue
        for part in getattr(one, "dts", [one]):
            yield dict(getattr(one, "params", {})), part.dt


def _wrong_time(params: dict[str, str], at: object, days_in: str | None) -> str | None:
    if isinstance(at, tuple):  # a period of RDATE
        return _wrong_time(params, at[0], days_in)
    if isinstance(at, datetime):
        if at.tzinfo is not None:
            return None
        if (zone := params.get("TZID")) is not None:
            return f"TZID {zone!r} is no zone of the IANA database, and no VTIMEZONE describes it"
        return (
            "the time floats: it names no TZID and is not in UTC, so it is another for each reader"
        )
    if isinstance(at, date) and days_in is None:
        return "a whole day of no zone; say with timeZone whose days the calendar counts"
    return None


def _rule_problems(event: Properties) -> Iterator[tuple[str, str]]:
    rules = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules else []:
        freq = (rule.get("FREQ") or [""])[0]
        if freq not in FREQUENCIES:
            yield "RRULE", f"FREQ={freq} is not one of {', '.join(FREQUENCIES)}"
        for until in rule.get("UNTIL") or []:
            timed = isinstance(event["DTSTART"].dt, datetime)
            if timed and not (isinstance(until, datetime) and _is_utc(until.tzinfo)):
                yield "RRULE", "UNTIL must be in UTC where DTSTART has a time (RFC 5545 3.3.10)"


def _is_utc(zone: tzinfo | None) -> bool:
    return zone is not None and zone.utcoffset(datetime(2026, 1, 1)) == timedelta(0)  # noqa: DTZ001


def bounded(happenings: Iterable[Happening], most: int) -> tuple[tuple[Happening, ...], bool]:
    """The first *most* in order of their starts, and whether these are all."""
    found = sorted(happenings, key=lambda one: (one.span.start_at, one.span.end_at, one.summary))
    return tuple(found[:most]), len(found) <= most
