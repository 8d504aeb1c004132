"""Asking the calendar: what is declared, what feeds say, and what that makes of a move."""

from collections.abc import Iterable
from datetime import datetime

from temporalio import workflow

from workflows.domain.calendar.reach import FeedAsk
from workflows.domain.calendar.ruling import WindowRuling
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import CalendarFacts, FeedReading, Granted, Move
from workflows.domain.errors import Refused
from workflows.ports.feeds import FeedsPort, ReadFeed
from workflows.ports.freezes import FreezesPort, ReadFreezes
from workflows.ports.windows import RuleWindow, WindowsPort
from workflows.steps.call import call
from workflows.steps.fanout import every


async def read_calendar(feeds: Iterable[FeedAsk]) -> CalendarFacts:
    """The freezes of the ledger, and every feed; one that cannot be had is among them as unknown.

    Raises:
        Unavailable: the ledger does not answer: what is frozen is not known.
    """
    now = workflow.now()
    asked = {feed.connection: feed for feed in feeds}
    declared = await call(FreezesPort.read_freezes, ReadFreezes(at=now))
    readings = await every(_reading(feed, now) for feed in asked.values())
    return CalendarFacts(
        freezes=declared.freezes, feeds={reading.connection: reading for reading in readings}
    )


async def rule_window(
    move: Move, timetable: Timetable, overrides: tuple[Granted, ...]
) -> WindowRuling:
    """The ruling on *move* now, by what is known now.

    Raises:
        Unavailable: what is frozen could not be read, or nobody ruled on it.
    """
    facts = await read_calendar(timetable.feeds)
    ask = RuleWindow(
        move=move, timetable=timetable, facts=facts, overrides=overrides, at=workflow.now()
    )
    return await call(WindowsPort.rule_window, ask)


async def _reading(feed: FeedAsk, now: datetime) -> FeedReading:
    """What the feed says; that no worker knows it is no reason to take it for open."""
    try:
        return await call(FeedsPort.read_feed, ReadFeed(feed=feed, at=now))
    except Refused as refused:
        return FeedReading(connection=feed.connection, problem=str(refused))
