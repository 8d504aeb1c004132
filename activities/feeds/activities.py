"""FeedsPort: what cannot be had is unknown, and an older copy stands in for as long as it may."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import structlog

from activities.feeds.http_feed import Copy, HttpFeed
from workflows.domain.calendar.ics import IcsRefused
from workflows.domain.calendar.reach import FeedAsk
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.timetable import KNOWN_FOR, expanded
from workflows.domain.calendar.windows import FeedReading, NamedSpan
from workflows.domain.errors import ReleaseError, TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.feeds import FeedsPort, ReadFeed

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Good:
    """A copy that could be read, and when it was last known to be what the feed says."""

    copy: Copy
    at: datetime


class FeedsActivities(FeedsPort):
    """Keeps the last good copy of each feed in memory: a worker that starts anew has none."""

    def __init__(self, feeds: Mapping[str, HttpFeed]) -> None:
        self._feeds = dict(feeds)
        self._good: dict[tuple[str, str | None], _Good] = {}
        self._keeping = threading.Lock()

    def read_feed(self, ask: ReadFeed) -> FeedReading:
        name = ask.feed.connection
        if (feed := self._feeds.get(name)) is None:
            listed = ", ".join(sorted(self._feeds)) or "none at all"
            raise TargetMissing(
                f"calendar feed {name} is not in this worker's settings, which have {listed}; "
                "correct the catalog, or add the connection to the settings"
            )
        key = (name, ask.feed.days_in)
        good = self._good.get(key)
        try:
            copy = feed.fetch(good.copy if good is not None else None)
            reading = _read(copy, ask.feed, ask.at)
        except (ReleaseError, IcsRefused) as error:
            log.warning("feed_not_read", feed=name, error=str(error))
            return _older(good, ask, str(error))
        with self._keeping:
            self._good[key] = _Good(copy, ask.at)
        return reading


def _read(copy: Copy, feed: FeedAsk, at: datetime) -> FeedReading:
    """The events from the day of *at* on: the same all day, as long as the feed is.

    Raises:
        IcsRefused: it is no calendar that can be gone by.
    """
    day = datetime.combine(at.astimezone(UTC), time(), UTC)
    within = Span(start_at=day - timedelta(days=1), end_at=day + KNOWN_FOR)
    spans, whole = expanded(copy.text, feed.days_in, within)
    return FeedReading(
        connection=feed.connection,
        digest=digest_of(copy.text),
        spans=spans,
        known_until=within.end_at if whole else _known_until(spans),
    )


def _known_until(spans: tuple[NamedSpan, ...]) -> datetime:
    """Where more events follow than are read: nothing is known from the last one's start on."""
    return spans[-1].start_at


def _older(good: _Good | None, ask: ReadFeed, problem: str) -> FeedReading:
    feed = ask.feed
    if good is None:
        return FeedReading(connection=feed.connection, problem=problem)
    if ask.at - good.at > feed.max_age:
        problem = f"{problem}; the last good copy is of {good.at:%Y-%m-%d %H:%MZ}: too old"
        return FeedReading(connection=feed.connection, problem=problem)
    reading = _read(good.copy, feed, ask.at)
    return reading.model_copy(
        update={
            "fetched_at": good.at,
            "problem": f"the copy of {good.at:%Y-%m-%d %H:%MZ} stands in: {problem}",
        }
    )
