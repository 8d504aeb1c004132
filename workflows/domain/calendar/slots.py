"""The earliest slot in which a whole interval fits, what stands before it, and what it costs."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from workflows.domain.calendar.closures import Closure, SoftConflict, covering
from workflows.domain.calendar.spans import Span
from workflows.domain.values import Value, View

_HOUR = timedelta(hours=1)


class Interval(Value):
    """What must fit: the moves, the watching in between, and the time it takes to turn back.

    It begins at `not_before` or later, and is over by the `deadline`.
    """

    lasts: timedelta = timedelta(0)
    not_before: AwareDatetime | None = None
    deadline: AwareDatetime | None = None


class Priced(View):
    """A soft conflict of a slot: how long it lies in it, and what that costs by its weight."""

    window: str
    reason: str
    hours: float
    price: float


class Slot(View):
    """From its start the whole interval fits until its end."""

    start_at: AwareDatetime
    end_at: AwareDatetime
    conflicts: tuple[Priced, ...] = ()

    @property
    def price(self) -> float:
        return round(sum(one.price for one in self.conflicts), 2)


class Closings(Value):
    """What bars one place, or several that change together."""

    start: tuple[Closure, ...] = ()
    """When nothing may begin."""
    advance: tuple[Closure, ...] = ()
    """When nothing may go on."""
    approve: tuple[Closure, ...] = ()
    """When nobody may approve."""
    soft: tuple[SoftConflict, ...] = ()


def blocking(closings: Closings, at: datetime, lasts: timedelta) -> Closure | None:
    """What keeps an interval from beginning at *at*: of several, the one that ends last."""
    starts = covering(closings.start, at)
    within = [c for c in closings.advance if c.overlaps(at, at + lasts)]
    return max((*starts, *within), key=lambda one: one.end_at, default=None)


def earliest_slot(
    closings: Closings, interval: Interval, at: datetime, until: datetime
) -> tuple[Slot | None, Closure | None]:
    """The first slot that begins before *until*, and the first event that stood in the way.

    A slot that begins where a closure ends is the earliest there can be, for each earlier start
    runs into that closure: so the search steps from end to end, each of them once.
    """
    start = max(at, interval.not_before) if interval.not_before is not None else at
    first: Closure | None = None
    while start < until:
        if (bar := blocking(closings, start, interval.lasts)) is None:
            end = start + interval.lasts
            if interval.deadline is not None and end > interval.deadline:
                return None, first
            return _slot(closings.soft, start, end), first
        first = first or bar
        start = bar.end_at
    return None, first


def cheapest_slot(
    closings: Closings, interval: Interval, at: datetime, until: datetime
) -> Slot | None:
    """The slot before *until* with the least soft conflict; of equals, the earliest.

    The price rises and falls in straight lines between the moments at which the slot's start or
    its end meets an edge: it is least at one of those.
    """
    lasts = interval.lasts
    spans: tuple[Span, ...] = (*closings.soft, *closings.start, *closings.advance)
    edges = {edge for one in spans for edge in (one.start_at, one.end_at)}
    edges |= {edge - lasts for edge in edges}
    edges |= {interval.deadline - lasts} if interval.deadline is not None else set()
    starts = sorted({at, *(edge for edge in edges if at < edge < until)})
    found = (earliest_slot(closings, interval, start, until)[0] for start in starts)
    slots = [slot for slot in found if slot is not None]
    return min(slots, key=lambda slot: (slot.price, slot.start_at), default=None)


def _slot(soft: Iterable[SoftConflict], start: datetime, end: datetime) -> Slot:
    priced = []
    for one in soft:
        if (shared := one.shared(start, end)) > timedelta(0):
            hours = shared / _HOUR
            priced.append(
                Priced(
                    window=one.window,
                    reason=one.reason,
                    hours=round(hours, 2),
                    price=round(hours * one.weight, 2),
                )
            )
    return Slot(start_at=start, end_at=end, conflicts=tuple(priced))


def next_close(closings: Closings, at: datetime) -> Closure | None:
    """The first closure that begins after *at*: until then nothing bars."""
    later = [c for c in (*closings.start, *closings.advance) if c.start_at > at]
    return min(later, key=lambda one: one.start_at, default=None)


def days(closings: Closings, interval: Interval, first: Span, count: int) -> list["Day"]:
    """For each of *count* days from *first* on, whether the interval can begin on it, and when."""
    found = []
    for number in range(count):
        begins = first.start_at + number * timedelta(days=1)
        ends = begins + timedelta(days=1)
        slot, bar = earliest_slot(closings, interval, begins, ends)
        found.append(Day(day=begins, slot=slot, blocked_by=bar if slot is None else None))
    return found


class Day(View):
    """One day of a simulation."""

    day: AwareDatetime
    slot: Slot | None
    blocked_by: Closure | None
