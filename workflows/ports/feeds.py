"""Calendars that others keep: fetched, read strictly, and never taken for open when unknown."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.audit import Moment
from workflows.domain.calendar.reach import FeedAsk
from workflows.domain.calendar.windows import FeedReading
from workflows.domain.names import Queue
from workflows.ports.base import Message, Port, limited


class ReadFeed(Message):
    """What does the feed say of the time from *at* on?"""

    feed: FeedAsk
    at: Moment

    def __str__(self) -> str:
        return f"read the calendar feed {self.feed.connection}"


class FeedsPort(Port):
    queue = Queue.CALENDARS

    @limited(
        attempt=timedelta(seconds=45), total=timedelta(minutes=3), recorded=False, awaited=False
    )
    @abstractmethod
    def read_feed(self, ask: ReadFeed) -> FeedReading:
        """The feed's events, and the digest of the text they were read from.

        A feed that does not answer, or answers with something else than a calendar, is no
        exception: the reading says what the problem is, and holds the last good copy where that
        is not older than the feed's `max_age`. Without one nothing is known, and so not open.

        Raises:
            TargetMissing: the worker's settings know no such connection; not retried.
        """
