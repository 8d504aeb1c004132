"""Looking at a release again and again, through restarts of workers and of Temporal."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from starters.exit_codes import code_of
from starters.failures import NobodyAnswers
from starters.releases import read
from starters.session import worded
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import ReleaseStatus

EVERY = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen at one moment: the status, or a notice why it cannot be seen."""

    at: datetime
    status: ReleaseStatus | None = None
    notice: str = ""


async def looks(
    client: Client,
    release: str,
    *,
    stop_at: frozenset[int] = frozenset(),
    every: timedelta = EVERY,
) -> AsyncIterator[Look]:
    """Look until the release needs nobody any more, or only people can help it on.

    A release whose phase has an exit code of *stop_at* ends the looking too. Questions that get
    no answer are asked again, for as long as it takes: the release is not harmed by them.
    """
    while True:
        try:
            status = await read(client, release)
        except NobodyAnswers as failure:
            yield Look(at=datetime.now(UTC), notice=str(failure))
        except RPCError as error:
            # A server that just came back may refuse for a moment what it will soon allow.
            yield Look(at=datetime.now(UTC), notice=str(worded(error)))
        else:
            yield Look(at=datetime.now(UTC), status=status)
            if settled(status.phase) or code_of(status.phase) in stop_at:
                return
        await asyncio.sleep(every.total_seconds())


def settled(phase: Phase) -> bool:
    """Whether watching longer shows nothing new until a person acts."""
    return phase.final or phase is Phase.ROLLBACK_INCOMPLETE
