"""May an environment be changed now, and if not, when, why, and who can change that."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from workflows.domain.calendar.closures import Book, Closure, covering, strictest
from workflows.domain.calendar.slots import (
    Closings,
    Day,
    Interval,
    Slot,
    cheapest_slot,
    days,
    earliest_slot,
    next_close,
)
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.wall import EDITION
from workflows.domain.calendar.windows import CalendarFacts, Granted, InFlight, Move
from workflows.domain.durations import write_duration
from workflows.domain.values import Digest, View, digest_of

SEARCHED = timedelta(days=120)
"""How far ahead a slot is looked for."""

CHEAPER_WITHIN = timedelta(days=14)
"""How much later a slot may be that is named for its lower price."""

_FEEDS_CHANGE = timedelta(hours=1)
"""Nobody tells of a change in a feed: it is asked so often."""
_FREEZES_CHANGE = timedelta(hours=12)
"""Who changes a freeze tells the releases; should the word be lost, it is found so soon."""


class WindowRuling(View):
    """The ruling on one move in one environment at one moment."""

    environment: str
    move: Move
    at: AwareDatetime
    open: bool
    reason: str
    next_open: AwareDatetime | None = None
    """When it may be done: now, or at the start of the next slot; None if there is none."""
    next_close: AwareDatetime | None = None
    """When something bars again, after that."""
    next_close_reason: str = ""
    closed_by: tuple[Closure, ...] = ()
    """What bars now; of a move that needs time, what its interval runs into."""
    approvals_barred: tuple[Closure, ...] = ()
    """When nobody may approve, until the calendar is asked again."""
    in_flight: InFlight = InFlight.COMPLETE
    """What a release under way does about it, by the strictest of them."""
    slot: Slot | None = None
    cheaper: Slot | None = None
    """A later slot of the next days with less soft conflict, where there is one."""
    lasts_seconds: float = 0.0
    """What has to fit: the moves, the watching, and the reserve to turn back."""
    open_until: AwareDatetime | None = None
    """Until when an open ruling stands by itself: the last moment at which it still fits."""
    too_late: bool = False
    """Whether it cannot be over by the deadline any more."""
    ask_again_at: AwareDatetime
    """When to ask at the latest, whether or not somebody tells of a change."""
    warnings: tuple[str, ...] = ()
    facts_digest: Digest | None = None
    rules_digest: Digest | None = None
    zones: str = ""
    """The edition of the time zone database that local times were read by."""

    def __str__(self) -> str:
        word = "open" if self.open else "closed"
        return f"{self.move} in {self.environment}: {word}, {self.reason}"


class SlotRuling(View):
    """For each environment of a release, when it can be made, one after the other."""

    environments: tuple[WindowRuling, ...] = ()


def closings(
    timetable: Timetable,
    facts: CalendarFacts,
    within: Span,
    *,
    overrides: Iterable[Granted] = (),
) -> Closings:
    """What bars any of the timetable's places: an environment is changed as a whole."""
    granted = tuple(overrides)
    books = [
        Book(place, timetable.windows, facts, within, overrides=granted)
        for place in timetable.places
    ]
    return Closings(
        start=_once(closure for book in books for closure in book.closures(Move.START)),
        advance=_once(closure for book in books for closure in book.closures(Move.ADVANCE)),
        approve=_once(closure for book in books for closure in book.closures(Move.APPROVE)),
        soft=tuple(dict.fromkeys(soft for book in books for soft in book.soft())),
    )


def _once(closures: Iterable[Closure]) -> tuple[Closure, ...]:
    """Each closure once, though several places have it."""
    return tuple(dict.fromkeys(closures))


def rule_start(
    timetable: Timetable,
    facts: CalendarFacts,
    at: datetime,
    *,
    overrides: Iterable[Granted] = (),
) -> WindowRuling:
    """May the environment's part begin at *at*: the whole interval must fit, not its start."""
    known = closings(timetable, facts, _ahead(at), overrides=overrides)
    interval = timetable.interval
    slot, bar = earliest_slot(known, interval, at, at + SEARCHED)
    opened = slot is not None and slot.start_at <= at
    too_late = slot is None and interval.deadline is not None
    cheaper = None
    if slot is not None and slot.conflicts:
        other = cheapest_slot(known, interval, slot.start_at, slot.start_at + CHEAPER_WITHIN)
        cheaper = other if other is not None and other.price < slot.price else None
    reason = _reason(slot, bar, interval, at)
    return _ruling(
        timetable,
        facts,
        known,
        at,
        move=Move.START,
        open=opened,
        reason=reason,
        slot=slot,
        cheaper=cheaper,
        closed_by=() if opened or bar is None else (bar,),
        next_open=slot.start_at if slot else None,
        too_late=too_late,
        open_until=_stands_until(known, interval, at) if opened else None,
        lasts_seconds=interval.lasts.total_seconds(),
    )


def rule_advance(
    timetable: Timetable,
    facts: CalendarFacts,
    at: datetime,
    *,
    overrides: Iterable[Granted] = (),
) -> WindowRuling:
    """May what is under way take its next step at *at*; if not, what is to be done meanwhile."""
    known = closings(timetable, facts, _ahead(at), overrides=overrides)
    barring = covering(known.advance, at)
    opens = _opens(known.advance, at)
    deadline = timetable.interval.deadline
    too_late = deadline is not None and at >= deadline
    reason = "; ".join(map(str, barring)) or "nothing bars it"
    return _ruling(
        timetable,
        facts,
        known,
        at,
        move=Move.ADVANCE,
        open=not barring and not too_late,
        reason=f"the deadline {deadline:%Y-%m-%d %H:%MZ} is over" if too_late else reason,
        closed_by=barring,
        in_flight=strictest(barring),
        next_open=opens,
        too_late=too_late,
    )


def rule_move(
    move: Move,
    timetable: Timetable,
    facts: CalendarFacts,
    at: datetime,
    *,
    overrides: Iterable[Granted] = (),
) -> WindowRuling:
    """The ruling on this kind of move."""
    match move:
        case Move.START:
            return rule_start(timetable, facts, at, overrides=overrides)
        case Move.ADVANCE:
            return rule_advance(timetable, facts, at, overrides=overrides)
        case Move.APPROVE:
            return rule_approve(timetable, facts, at, overrides=overrides)


def rule_approve(
    timetable: Timetable,
    facts: CalendarFacts,
    at: datetime,
    *,
    overrides: Iterable[Granted] = (),
) -> WindowRuling:
    """May people approve at *at*; if not, from when on."""
    known = closings(timetable, facts, _ahead(at), overrides=overrides)
    barring = covering(known.approve, at)
    return _ruling(
        timetable,
        facts,
        known.model_copy(update={"start": known.approve, "advance": ()}),
        at,
        move=Move.APPROVE,
        open=not barring,
        reason="; ".join(map(str, barring)) or "nothing bars it",
        closed_by=barring,
        next_open=_opens(known.approve, at),
    )


def rule_slots(timetables: Iterable[Timetable], facts: CalendarFacts, at: datetime) -> SlotRuling:
    """The earliest slots of all environments, each after the one before it."""
    found = []
    begins = at
    for timetable in timetables:
        ruling = rule_start(timetable, facts, begins)
        found.append(ruling)
        if ruling.slot is None:
            break
        begins = ruling.slot.end_at - timetable.reserve
    return SlotRuling(environments=tuple(found))


def simulate(timetable: Timetable, facts: CalendarFacts, at: datetime, count: int) -> list[Day]:
    """For each of the next *count* days of UTC, whether the environment's part could begin."""
    first = Span(start_at=at, end_at=at + timedelta(days=1))
    within = Span(start_at=at, end_at=at + timedelta(days=count) + SEARCHED)
    return days(closings(timetable, facts, within), timetable.interval, first, count)


def _ahead(at: datetime) -> Span:
    return Span(start_at=at, end_at=at + SEARCHED)


def _opens(closures: tuple[Closure, ...], at: datetime) -> datetime | None:
    """The first moment from *at* on that nothing covers; None where nobody knows of one."""
    opens = at
    while barring := covering(closures, opens):
        if any(closure.open_ended for closure in barring):
            return None
        opens = max(closure.end_at for closure in barring)
    return opens


def _stands_until(known: Closings, interval: Interval, at: datetime) -> datetime | None:
    """When an interval that fits at *at* would first run into something; None if it never does."""
    moments = [c.start_at for c in known.start if c.start_at > at]
    moments += [c.start_at - interval.lasts for c in known.advance if c.start_at > at]
    if interval.deadline is not None:
        moments.append(interval.deadline - interval.lasts)
    return min(moments, default=None)


def _reason(slot: Slot | None, bar: Closure | None, interval: Interval, at: datetime) -> str:
    lasts = write_duration(timedelta(seconds=round(interval.lasts.total_seconds())))
    not_before, deadline = interval.not_before, interval.deadline
    stands = f"; in the way: {bar}" if bar is not None else ""
    if slot is None:
        by = f" by the deadline {deadline:%Y-%m-%d %H:%MZ}" if deadline is not None else ""
        return f"{lasts} fit nowhere{by or f' in the next {SEARCHED.days} days'}{stands}"
    if slot.start_at <= at:
        return f"{lasts} fit now"
    early = not_before is not None and at < not_before
    return f"{lasts} fit from {slot.start_at:%a %Y-%m-%d %H:%MZ} on" + (
        stands or (f"; not before {not_before:%Y-%m-%d %H:%MZ}" if early else "")
    )


def _ruling(
    timetable: Timetable,
    facts: CalendarFacts,
    known: Closings,
    at: datetime,
    *,
    next_open: datetime | None,
    open: bool,
    **told: object,
) -> WindowRuling:
    closes = next_close(known, max(at, next_open or at))
    patience = _FEEDS_CHANGE if timetable.feeds else _FREEZES_CHANGE
    again = at + patience
    if not open and next_open is not None:
        again = min(again, max(next_open, at))
    return WindowRuling.model_validate(
        {
            "environment": timetable.environment,
            "at": at,
            "open": open,
            "next_open": next_open,
            "next_close": closes.start_at if closes else None,
            "next_close_reason": str(closes) if closes else "",
            "ask_again_at": again,
            "approvals_barred": tuple(c for c in known.approve if c.start_at <= again),
            "warnings": tuple(
                f"feed {name}: {reading.problem}"
                for name, reading in sorted(facts.feeds.items())
                if reading.problem
            ),
            "facts_digest": digest_of(facts.model_dump_json()),
            "rules_digest": digest_of(timetable.model_dump_json()),
            "zones": EDITION,
            **told,
        }
    )
