"""Windows and facts as one list: the spans in which a place may not be changed, and why."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from workflows.domain.calendar.scope import Place
from workflows.domain.calendar.spans import Span, gaps, without
from workflows.domain.calendar.windows import (
    CalendarFacts,
    Granted,
    InFlight,
    Move,
    NamedSpan,
    OverrideRule,
    WindowKind,
    WindowRule,
)

_STRICTNESS = (InFlight.COMPLETE, InFlight.HOLD, InFlight.UNWIND)


class Closure(Span):
    """A span in which a window keeps a place from being changed."""

    window: str
    """The window's name; of several that allow, all of them."""
    source: str
    reason: str
    in_flight: InFlight
    can_be_cleared_by: tuple[str, ...] = ()
    override: OverrideRule | None = None
    """Who may set it aside; None where nobody may."""
    open_ended: bool = False
    """Whether nobody knows yet when it ends."""

    def __str__(self) -> str:
        until = "nobody knows when" if self.open_ended else f"{self.end_at:%a %d %b %H:%MZ}"
        return f"{self.source} until {until}" + (f": {self.reason}" if self.reason else "")


class SoftConflict(Span):
    """A span that costs something to be changed in, and bars nothing."""

    window: str
    reason: str
    weight: float


class Book:
    """All that is known about one place in one span of time, *within*.

    The windows are the documents' and, among the facts, the ledger's freezes. What is not known
    is closed: a feed that cannot be had, and the time after what a calendar was read for.
    """

    def __init__(
        self,
        place: Place,
        windows: Iterable[WindowRule],
        facts: CalendarFacts,
        within: Span,
        *,
        overrides: Iterable[Granted] = (),
    ) -> None:
        self._place = place
        self._facts = facts
        self._within = within
        self._overrides = tuple(overrides)
        declared = (freeze.rule(within.end_at) for freeze in facts.freezes)
        every = (*windows, *(rule for rule in declared if rule is not None))
        self._windows = tuple(window for window in every if window.concerns(place))

    def closures(self, move: Move) -> list[Closure]:
        """Every span in which *move* is barred, by its start; they may overlap."""
        barring = [w for w in self._windows if w.weight is None and move in w.moves]
        found = [c for w in barring if w.kind is WindowKind.DENY for c in self._denied(w)]
        if allowing := [w for w in barring if w.kind is WindowKind.ALLOW]:
            found += self._outside(allowing)
        found += [c for w in barring if w.kind is WindowKind.DENY for c in self._unknown(w)]
        return sorted(found, key=lambda one: (one.start_at, one.end_at, one.window))

    def soft(self) -> list[SoftConflict]:
        """What costs something without barring anything, by its start."""
        found = [
            SoftConflict(
                start_at=span.start_at,
                end_at=span.end_at,
                window=window.name,
                reason=span.summary or window.reason,
                weight=window.weight,
            )
            for window in self._windows
            if window.weight is not None and window.kind is WindowKind.DENY
            for span in self._on(window)
        ]
        return sorted(found, key=lambda one: (one.start_at, one.end_at, one.window))

    def _on(self, window: WindowRule) -> Iterator[NamedSpan]:
        """When the window is on, as far as that is known."""
        spans: Iterable[Span] = window.spans
        if window.recurrence is not None:
            spans = window.recurrence.occurrences(self._within, self._place.zone)
        elif window.feed is not None:
            reading = self._facts.feeds.get(window.feed)
            spans = reading.spans if reading is not None and reading.usable else ()
        for span in spans:
            if span.overlaps(self._within.start_at, self._within.end_at):
                summary = span.summary if isinstance(span, NamedSpan) else ""
                yield NamedSpan(start_at=span.start_at, end_at=span.end_at, summary=summary)

    def _denied(self, window: WindowRule) -> Iterator[Closure]:
        for span in self._on(window):
            for left in without(span, self._aside(window.name)):
                reason = span.summary or window.reason
                yield _closure(window, left, reason, open_ended=window.endless)

    def _outside(self, allowing: list[WindowRule]) -> Iterator[Closure]:
        """When none of those that allow is on; to set one of them aside is to be inside."""
        names = " or ".join(window.name for window in allowing)
        on: list[Span] = [span for window in allowing for span in self._on(window)]
        on += self._aside(names, *(window.name for window in allowing))
        strictest = max((w.in_flight for w in allowing), key=_STRICTNESS.index)
        unknown = [why for w in allowing for why in self._why_unknown(w)]
        for gap in gaps(on, self._within):
            yield Closure(
                start_at=gap.start_at,
                end_at=gap.end_at,
                window=names,
                source=f"outside {', '.join(window.source for window in allowing)}",
                reason="; ".join(unknown),
                in_flight=strictest,
                can_be_cleared_by=tuple(
                    dict.fromkeys(who for window in allowing for who in window.who_clears)
                ),
                override=next((w.override for w in allowing if w.override), None),
                open_ended=gap.end_at >= self._within.end_at,
            )

    def _unknown(self, window: WindowRule) -> Iterator[Closure]:
        """What is not known of a window that denies is closed."""
        for reason in self._why_unknown(window):
            reading = self._facts.feeds.get(window.feed) if window.feed is not None else None
            known = reading.known_until if reading and reading.usable else window.known_until
            start = max(known or self._within.start_at, self._within.start_at)
            span = Span(start_at=start, end_at=max(self._within.end_at, start + _MOMENT))
            for left in without(span, self._aside(window.name)):
                yield _closure(window, left, reason, open_ended=True)

    def _aside(self, *names: str) -> list[Span]:
        """When people have set one of these windows aside."""
        return [
            Span(start_at=one.granted_at, end_at=one.expires_at)
            for one in self._overrides
            if one.window in names and one.granted_at < one.expires_at
        ]

    def _why_unknown(self, window: WindowRule) -> Iterator[str]:
        known_until = window.known_until
        if window.feed is not None:
            reading = self._facts.feeds.get(window.feed)
            if reading is None or not reading.usable:
                why = reading.problem if reading is not None else "it was not read"
                yield f"feed {window.feed} cannot be had ({why}): what is unknown is not open"
                return
            known_until = reading.known_until
        if known_until is not None and known_until < self._within.end_at:
            yield f"nothing is known of {window.name} from {known_until:%Y-%m-%d} on"


_MOMENT = timedelta(microseconds=1)


def _closure(window: WindowRule, span: Span, reason: str, *, open_ended: bool) -> Closure:
    return Closure(
        start_at=span.start_at,
        end_at=span.end_at,
        window=window.name,
        source=window.source,
        reason=reason,
        in_flight=window.in_flight,
        can_be_cleared_by=window.who_clears,
        override=window.override,
        open_ended=open_ended,
    )


def strictest(closures: Iterable[Closure]) -> InFlight:
    """What to do in all of them at once."""
    return max((c.in_flight for c in closures), key=_STRICTNESS.index, default=InFlight.COMPLETE)


def covering(closures: Iterable[Closure], at: datetime) -> tuple[Closure, ...]:
    """Those that bar at this moment."""
    return tuple(closure for closure in closures if closure.covers(at))
