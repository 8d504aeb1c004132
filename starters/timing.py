"""Asking and telling the calendar: slots of a release, freezes, and who hears of a change."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from starters.asking import asked
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers
from starters.releases import executions, handle_of
from workflows.domain.admission.admission import Admission, admit
from workflows.domain.admission.facts import Facts
from workflows.domain.calendar.override import Override, OverrideView
from workflows.domain.calendar.reach import FeedAsk, feeds_asked
from workflows.domain.calendar.windows import CalendarFacts, FeedReading, Freeze
from workflows.domain.errors import Refused
from workflows.domain.release.order import ReleaseOrder
from workflows.ports.feeds import FeedsPort, ReadFeed
from workflows.ports.freezes import DeclareFreeze, FreezesPort, LiftFreeze, ReadFreezes
from workflows.release import ReleaseWorkflow

UPDATE_WITHIN = timedelta(seconds=20)


async def calendar_facts(client: Client, order: ReleaseOrder, at: datetime) -> CalendarFacts:
    """What is declared and what feeds say, as a release of *order* would read it now.

    Raises:
        NobodyAnswers: no worker reads the ledger or the feeds.
    """
    declared = await freezes(client, at)
    readings = [await _reading(client, feed, at) for feed in feeds_asked(order.catalog)]
    return CalendarFacts(freezes=declared, feeds={one.connection: one for one in readings})


def admitted_at(order: ReleaseOrder, facts: CalendarFacts, at: datetime) -> Admission:
    """What would be ruled on *order* at that moment, as far as time goes.

    Raises:
        PolicyViolated: it would not be admitted.
    """
    return admit(order, Facts(at=at, calendar=facts))


async def freezes(client: Client, at: datetime, *, past: bool = False) -> tuple[Freeze, ...]:
    """The freezes from *at* on.

    Raises:
        NobodyAnswers: no worker reads the ledger.
    """
    ask = ReadFreezes(at=at, past=past)
    return (await asked(client, FreezesPort.read_freezes, ask, about="calendar/freezes")).freezes


async def declare(client: Client, freeze: Freeze) -> int:
    """Declare *freeze*, and tell the releases under way; how many were told.

    Raises:
        CommandFailed: another one of its name is on (DENIED).
        NobodyAnswers: no worker keeps it.
    """
    ask = DeclareFreeze(freeze=freeze)
    try:
        await asked(client, FreezesPort.declare_freeze, ask, about=f"calendar/{freeze.name}")
    except Refused as refused:
        raise CommandFailed(str(refused), ExitCode.DENIED) from refused
    return await tell(client)


async def lift(client: Client, ask: LiftFreeze) -> tuple[Freeze, int]:
    """Lift a freeze, and tell the releases under way; the freeze, and how many were told.

    Raises:
        CommandFailed: there never was one of this name (USAGE).
        NobodyAnswers: no worker keeps it.
    """
    try:
        lifted = await asked(client, FreezesPort.lift_freeze, ask, about=f"calendar/{ask.name}")
    except Refused as refused:
        raise CommandFailed(str(refused), ExitCode.USAGE) from refused
    return lifted, await tell(client)


async def tell(client: Client) -> int:
    """Have every release under way ask the calendar anew; how many there are.

    One that has just ended, or that Temporal's search does not show yet, asks by itself.
    """
    running = [one.id async for one in executions(client, "ExecutionStatus = 'Running'")]
    told = await asyncio.gather(*(_tell(client, release) for release in running))
    return sum(told)


async def override(client: Client, release: str, said: Override) -> OverrideView:
    """Say that a window does not bar *release*, and what that makes of it.

    Raises:
        CommandFailed: the word does not count (DENIED), with the reason.
        NobodyAnswers: no worker took it in time.
    """
    try:
        async with asyncio.timeout(UPDATE_WITHIN.total_seconds()):
            handle = handle_of(client, release)
            return await handle.execute_update(ReleaseWorkflow.override, said)
    except WorkflowUpdateFailedError as error:
        why = f"the override does not count: {error.cause or error}"
        raise CommandFailed(why, ExitCode.DENIED) from error
    except TimeoutError as error:
        raise NobodyAnswers("no worker took the override in time; look at the status") from error


async def _tell(client: Client, release: str) -> bool:
    try:
        await handle_of(client, release).signal(ReleaseWorkflow.calendar_changed)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def _reading(client: Client, feed: FeedAsk, at: datetime) -> FeedReading:
    try:
        return await asked(
            client,
            FeedsPort.read_feed,
            ReadFeed(feed=feed, at=at),
            about=f"calendar/{feed.connection}",
        )
    except Refused as refused:
        return FeedReading(connection=feed.connection, problem=str(refused))


def unread(feeds: Iterable[FeedAsk]) -> CalendarFacts:
    """What is known without asking anybody: no freeze, and no feed."""
    problem = "it was not asked: --offline"
    return CalendarFacts(
        feeds={f.connection: FeedReading(connection=f.connection, problem=problem) for f in feeds}
    )
