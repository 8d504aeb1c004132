"""A second opinion on windows: every minute of some days looked at, one after the other.

It knows nothing of spans, slots or `fold`: it reads the wall clock of each minute, and finds out
by looking what a written time means.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Clock:
    """The wall clock of one zone over some days, minute by minute."""

    def __init__(self, zone: str, begins: datetime, days: int) -> None:
        where = ZoneInfo(zone)
        self.minutes = [begins + n * MINUTE for n in range(days * 24 * 60)]
        self._shown = [m.astimezone(where).replace(tzinfo=None) for m in self.minutes]
        self._first: dict[datetime, datetime] = {}
        for minute, shown in zip(self.minutes, self._shown, strict=True):
            self._first.setdefault(shown, minute)

    def means(self, wall: datetime) -> datetime:
        """The first minute that shows *wall*; or that would, had the clock not jumped."""
        if (found := self._first.get(wall)) is not None:
            return found
        before = max(
            (shown, minute)
            for shown, minute in zip(self._shown, self.minutes, strict=True)
            if shown < wall and minute < self._jump_past(wall)
        )
        return before[1] + (wall - before[0])

    def _jump_past(self, wall: datetime) -> datetime:
        """The first minute that shows more than *wall* after one that shows less."""
        for at in range(1, len(self.minutes)):
            if self._shown[at - 1] < wall < self._shown[at]:
                return self.minutes[at]
        raise AssertionError(f"{wall} is not within the days looked at")


@dataclass(frozen=True)
class Daily:
    """On these weekdays of the zone from *begins* on, so long by the wall clock."""

    zone: str
    begins: time
    lasts: timedelta
    weekdays: frozenset[int]

    def minutes(self, clock: Clock, days: list[date]) -> set[datetime]:
        """Every minute in which it is on; its end is not one of them."""
        found: set[datetime] = set()
        for day in days:
            if day.weekday() not in self.weekdays:
                continue
            written = datetime.combine(day, self.begins)
            start, end = clock.means(written), clock.means(written + self.lasts)
            if end <= start:
                end = start + self.lasts
            while start < end:
                found.add(start)
                start += MINUTE
        return found


def first_fit(
    minutes: list[datetime], closed: Callable[[datetime], bool], lasts: timedelta
) -> datetime | None:
    """The first minute from which *lasts* has no closed minute in it, counted one by one."""
    count = max(1, int(lasts / MINUTE))
    open_since = 0
    for at, minute in enumerate(minutes):
        if closed(minute):
            open_since = at + 1
        elif at - open_since + 1 == count:
            return minutes[open_since]
    return None


@lru_cache(maxsize=64)
def clock_of(zone: str, begins: datetime, days: int) -> Clock:
    return Clock(zone, begins, days)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
