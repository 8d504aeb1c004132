"""A window as people write it in YAML: a first time, how long, and how it comes again."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.wall import LOCAL, ends_at, moment, read_wall, zone_of
from workflows.domain.values import Value

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
"""What a rule may repeat by; nobody opens and closes a window by the minute."""

MOST = 20_000
"""Occurrences of one rule that are looked at for one question; more is a slip of the pen."""

_PART = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(?:T[0-9]{6}Z?)?")
_SOON = timedelta(days=5 * 366)
_SLACK = timedelta(days=2)
"""Further than any zone is from UTC, and any clock jumps."""


class Recurrence(Value):
    """Naive wall-clock times in `zone`; without a `rule` it comes once."""

    start: datetime
    lasts: timedelta
    zone: str
    rule: str | None = None

    def occurrences(self, within: Span, local: str | None = None) -> Iterator[Span]:
        """Every occurrence that overlaps *within*, in order; *local* is the environment's zone.

        Raises:
            ValueError: the rule has too many occurrences to look at, or needs a local zone that
                the environment does not have.
        """
        zone = self.zone_for(local)
        for start in self._starts(within, zone):
            begins, ends = moment(start, zone), ends_at(start, self.lasts, zone)
            if begins < within.end_at and within.start_at < ends:
                yield Span(start_at=begins, end_at=ends)

    def zone_for(self, local: str | None) -> ZoneInfo:
        """Raise ValueError where the zone is the environment's and that has none."""
        if self.zone != LOCAL:
            return zone_of(self.zone)
        if local is None:
            raise ValueError("its `tz` is local, and the environment has no scope.timeZone")
        return zone_of(local)

    def _starts(self, within: Span, zone: ZoneInfo) -> Iterator[datetime]:
        if self.rule is None:
            yield self.start
            return
        first = within.start_at.astimezone(UTC).replace(tzinfo=None) - self.lasts - _SLACK
        last = within.end_at.astimezone(UTC).replace(tzinfo=None) + _SLACK
        for seen, start in enumerate(_rule(self.rule, self.start, zone, until=last)):
            if seen >= MOST:
                raise ValueError(f"more than {MOST} occurrences before {last}; begin it later")
            if start >= first:
                yield start


def _rule(text: str, start: datetime, zone: ZoneInfo, *, until: datetime) -> Iterator[datetime]:
    """What the rule makes of a naive *start*, in order, up to *until* or its own UNTIL."""
    fields = dict(part.split("=", 1) for part in text.split(";"))
    if (own := fields.pop("UNTIL", None)) is not None:  # a moment; the rest is on the wall
        last = datetime.strptime(own, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        until = min(until, last.astimezone(zone).replace(tzinfo=None))
    rest = ";".join(f"{name}={value}" for name, value in fields.items())
    yield from takewhile(lambda at: at <= until, _bounded(rest, start, until))


def _bounded(rule: str, start: datetime, until: datetime) -> Iterable[datetime]:
    """One that never comes is not looked for until the end of time."""
    found: rrule = rrulestr(rule, dtstart=start)
    occurrences: Iterable[datetime] = found if "COUNT=" in rule else found.replace(until=until)
    return occurrences


def read_recurrence(
    dtstart: str, *, dtend: str | None, lasts: timedelta | None, rule: str | None, tz: str | None
) -> Recurrence:
    """What the fields of a window say together.

    Raises:
        ValueError: naming what is wrong and what was expected.
    """
    start, zone = read_wall(dtstart, tz)
    if (dtend is None) == (lasts is None):
        raise ValueError("give dtend or duration, and only one of them")
    if dtend is not None:
        end, other = read_wall(dtend, tz)
        if other != zone:
            raise ValueError(f"dtend is in {other} and dtstart in {zone}; write both in one zone")
        lasts = end - start
    if lasts is None or lasts <= timedelta(0):
        raise ValueError(f"ends at or before its start, {dtstart}; an end is not part of it")
    written = Recurrence(start=start, lasts=lasts, zone=zone, rule=rule)
    if rule is not None:
        _check_rule(written)
    return written


def check_rule_text(rule: str) -> str:
    """Raise ValueError where *rule* is not an RRULE that a window may have."""
    parts = rule.split(";")
    if bad := [part for part in parts if not _PART.fullmatch(part)]:
        raise ValueError(f"{bad[0]!r} is not a part of an RRULE such as FREQ=WEEKLY;BYDAY=MO,TU")
    fields = dict(part.split("=", 1) for part in parts)
    if (freq := fields.get("FREQ")) not in FREQUENCIES:
        raise ValueError(f"FREQ={freq} is not one of {', '.join(FREQUENCIES)}")
    until = fields.get("UNTIL")
    if until is not None and not re.fullmatch(r"\d{8}T\d{6}Z", until):
        raise ValueError(f"UNTIL={until} must be in UTC, as 20271231T000000Z (RFC 5545 3.3.10)")
    start = datetime(2026, 1, 1)  # noqa: DTZ001 - any wall clock
    try:
        next(_rule(rule, start, ZoneInfo("UTC"), until=start), None)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{rule!r} is no RRULE of RFC 5545: {error}") from error
    return rule


def _check_rule(written: Recurrence) -> None:
    zone = zone_of(written.zone) if written.zone != LOCAL else ZoneInfo("UTC")
    rule = check_rule_text(written.rule or "")
    until = written.start + _SOON
    first = next(_rule(rule, written.start, zone, until=until), None)
    if first is None:
        raise ValueError(f"{rule!r} never comes between {written.start} and {until}")
    if first != written.start:
        raise ValueError(
            f"dtstart {written.start} is not an occurrence of {rule!r}, whose first one is {first}"
        )
