"""Times that come again, as cron writes them: five fields, and those that a clock jumps over."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.domain.values import Value

_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 6),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES = {
    "month": {name: at for at, name in enumerate(_MONTHS, start=1)},
    "day of the week": {name: at for at, name in enumerate(_DAYS)},
}
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SUNDAY_TOO = 7


class Cron(Value):
    """What each field may be, in order; Sunday is 0."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    @property
    def fields(self) -> tuple[tuple[int, ...], ...]:
        return (self.minutes, self.hours, self.days, self.months, self.weekdays)

    @property
    def every_hour(self) -> bool:
        return len(self.hours) == 24

    def on(self, day: date) -> bool:
        """Whether it comes on that day."""
        return (
            day.day in self.days
            and day.month in self.months
            and day.isoweekday() % 7 in self.weekdays
        )

    def __str__(self) -> str:
        """As cron would write it, in the shortest form."""
        return " ".join(
            _written(found, low, high)
            for found, (_, low, high) in zip(self.fields, _FIELDS, strict=True)
        )


def parse_cron(text: str) -> Cron:
    """Read `30 2 * * 1-5`: minute, hour, day of the month, month, day of the week.

    Raises:
        ValueError: what is wrong with it: the field, what is written and what may be.
    """
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(
            f"{text!r} has {len(parts)} fields; expected five: minute, hour, day of the month, "
            "month and day of the week, such as 30 2 * * 1-5"
        )
    found = [
        tuple(sorted(_field(part, name, low, high)))
        for part, (name, low, high) in zip(parts, _FIELDS, strict=True)
    ]
    minutes, hours, days, months, weekdays = found
    cron = Cron(minutes=minutes, hours=hours, days=days, months=months, weekdays=weekdays)
    if len(days) < 31 and len(weekdays) < 7:
        raise ValueError(
            f"{text!r} limits the day of the month and that of the week: some take either, others "
            "both; limit one of them, and write two schedules where you mean either"
        )
    if all(_LONGEST_MONTHS[month - 1] < min(days) for month in months):
        raise ValueError(f"{text!r} never comes: none of its months has so many days")
    return cron


def skipped(cron: Cron, zone: ZoneInfo, *, since: date, years: int = 2) -> Iterator[datetime]:
    """The times on the wall, from *since* on, that do not exist because the clock is set forward.

    Temporal starts nothing then. A time that comes twice it takes for one of the two.
    """
    day, last = since, since + timedelta(days=366 * years)
    while day < last:
        ahead = day + timedelta(days=1)
        if cron.on(day) and _offset(day, zone) != _offset(ahead, zone):
            walls = (
                datetime.combine(day, time(hour, minute), zone)
                for hour in cron.hours
                for minute in cron.minutes
            )
            yield from (at for at in walls if not _exists(at, zone))
        day = ahead


def _exists(at: datetime, zone: ZoneInfo) -> bool:
    """Whether the wall shows it: what does not exist is another time once it is a moment."""
    return at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == at.replace(tzinfo=None)


def _offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime.combine(day, time(), zone).utcoffset()


def _field(text: str, name: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            begin, end = low, high
        else:
            begin = _number(first, name, low, high)
            end = _number(last, name, low, high) if dash else (high if slash else begin)
        if begin > end:
            raise ValueError(f"{name} {part!r} ends before it begins; write two ranges")
        if slash and not (step.isdecimal() and 0 < int(step) <= high):
            raise ValueError(f"{name} {part!r}: the step is no number from 1 to {high}")
        found |= set(range(begin, end + 1, int(step) if slash else 1))
    return found


def _number(text: str, name: str, low: int, high: int) -> int:
    named = _NAMES.get(name, {}).get(text.lower())
    if named is not None:
        return named
    number = int(text) if text.isdecimal() and text.isascii() else None
    if number == _SUNDAY_TOO and name == "day of the week":
        return 0
    if number is None or not low <= number <= high:
        raise ValueError(f"{name} {text!r}: expected {low} to {high}")
    return number


def _written(found: tuple[int, ...], low: int, high: int) -> str:
    if found == tuple(range(low, high + 1)):
        return "*"
    step = found[1] - found[0] if len(found) > 2 else 0
    if step > 1 and found == tuple(range(low, high + 1, step)):
        return f"*/{step}"
    return ",".join(_runs(found))


def _runs(found: tuple[int, ...]) -> Iterator[str]:
    """Neighbours as a range, the others by themselves."""
    first = last = None
    for number in (*found, None):
        if first is not None and last is not None and number != last + 1:
            yield str(first) if first == last else f"{first}-{last}"
            first = number
        first, last = (number if first is None else first), number
