"""Half-open spans of time, and what is left between them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Self

from pydantic import AwareDatetime, model_validator

from workflows.domain.values import View


class Span(View):
    """From `startAt` on, until just before `endAt`; both aware."""

    start_at: AwareDatetime
    end_at: AwareDatetime

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.end_at <= self.start_at:
            raise ValueError(f"ends at {self.end_at}, not after its start at {self.start_at}")
        return self

    @property
    def length(self) -> timedelta:
        return self.end_at - self.start_at

    def covers(self, at: datetime) -> bool:
        return self.start_at <= at < self.end_at

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether any moment of [start, end) lies inside; an empty interval is its one moment."""
        return self.start_at < max(end, start + _MOMENT) and start < self.end_at

    def shared(self, start: datetime, end: datetime) -> timedelta:
        """How much of [start, end) lies inside."""
        return max(timedelta(0), min(end, self.end_at) - max(start, self.start_at))


_MOMENT = timedelta(microseconds=1)
"""What aware datetimes can tell apart."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union of *spans*, in order; those that touch are one."""
    union: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start_at):
        if union and span.start_at <= union[-1].end_at:
            end = max(union[-1].end_at, span.end_at)
            union[-1] = Span(start_at=union[-1].start_at, end_at=end)
        else:
            union.append(span)
    return union


def gaps(spans: Iterable[Span], within: Span) -> Iterator[Span]:
    """What of *within* no span covers, in order."""
    at = within.start_at
    for span in merged(spans):
        if span.start_at >= within.end_at:
            break
        if at < span.start_at:
            yield Span(start_at=at, end_at=span.start_at)
        at = max(at, span.end_at)
    if at < within.end_at:
        yield Span(start_at=at, end_at=within.end_at)


def without(span: Span, taken: Iterable[Span]) -> Iterator[Span]:
    """What is left of *span* once *taken* is cut out of it, in order."""
    yield from gaps((one for one in taken if one.overlaps(span.start_at, span.end_at)), span)
