"""Fiscal calendars of whole weeks: 4-4-5 and its sisters, and the days around each close."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal

from pydantic import Field

from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.wall import moment, zone_of
from workflows.domain.calendar.windows import NamedSpan
from workflows.domain.durations import Duration
from workflows.domain.values import SpecPart

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK = timedelta(weeks=1)
_QUARTERS = 4


class YearEndSpec(SpecPart):
    """The last day of the fiscal year; the next one begins on the day after."""

    month: int = Field(ge=1, le=12)
    """1 is January."""
    weekday: Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    """As RFC 5545 writes them."""
    rule: Literal["last", "nearest"] = "last"
    """The month's last such day, or the one nearest to the end of the month."""

    def of(self, year: int) -> date:
        """The last day of the fiscal year that ends in, or around, that month of *year*."""
        last = date(year, self.month, monthrange(year, self.month)[1])
        back = (last.weekday() - _WEEKDAYS.index(self.weekday)) % 7
        found = last - timedelta(days=back)
        return found + _WEEK if self.rule == "nearest" and back > 3 else found


class FiscalSpec(SpecPart):
    """A year of 52 weeks, or 53: four quarters of 13, the 53rd week in the last period."""

    pattern: Literal["4-4-5", "4-5-4", "5-4-4"] = "4-4-5"
    """The weeks of a quarter's three periods."""
    year_end: YearEndSpec
    """When the books are closed."""
    closes: Literal["period", "quarter", "year"] = "quarter"
    """Which closes the calendar is about."""
    before: Duration = timedelta(days=2)
    """It begins so long before the end of the last day, …"""
    after: Duration = Field(default=timedelta(days=5), gt=timedelta(0))
    """… and lasts until so long after it."""


def periods(spec: FiscalSpec, year: int) -> list[tuple[str, date, date]]:
    """The twelve periods of the fiscal year that ends in *year*: name, first and last day."""
    start = spec.year_end.of(year - 1) + timedelta(days=1)
    end = spec.year_end.of(year)
    weeks = [int(count) for count in spec.pattern.split("-")] * _QUARTERS
    weeks[-1] += ((end - start).days + 1) // 7 - sum(weeks)
    found = []
    for number, count in enumerate(weeks, start=1):
        last = start + count * _WEEK - timedelta(days=1)
        found.append((f"FY{year} P{number}", start, last))
        start = last + timedelta(days=1)
    return found


def closes(spec: FiscalSpec, zone: str, within: Span) -> Iterator[NamedSpan]:
    """The span around each close that overlaps *within*, in order; days are those of *zone*."""
    where = zone_of(zone)
    for year in range(within.start_at.year - 1, within.end_at.year + 2):
        for number, (name, _, last) in enumerate(periods(spec, year), start=1):
            if spec.closes == "year" and number < 12:
                continue
            if spec.closes == "quarter" and number % 3:
                continue
            over = datetime.combine(last + timedelta(days=1), time())
            start, end = moment(over - spec.before, where), moment(over + spec.after, where)
            if start < within.end_at and within.start_at < end:
                called = name if spec.closes == "period" else _called(spec, year, number)
                yield NamedSpan(start_at=start, end_at=end, summary=f"{called} close")


def _called(spec: FiscalSpec, year: int, number: int) -> str:
    return f"FY{year}" if spec.closes == "year" else f"FY{year} Q{number // 3}"
