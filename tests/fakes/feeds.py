"""Calendar feeds in memory: texts by connection, read by the domain's own rules."""

from datetime import UTC, datetime, time, timedelta

from workflows.domain.calendar.ics import IcsRefused
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.timetable import KNOWN_FOR, expanded
from workflows.domain.calendar.windows import FeedReading
from workflows.domain.errors import TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.feeds import FeedsPort, ReadFeed


class FakeFeeds(FeedsPort):
    """*texts* is what each feed says; one in *down* does not answer."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.down: set[str] = set()
        self._good: dict[str, tuple[str, datetime]] = {}

    def read_feed(self, ask: ReadFeed) -> FeedReading:
        name = ask.feed.connection
        if name not in self.texts:
            raise TargetMissing(f"calendar feed {name} is not in this worker's settings")
        problem = "it does not answer" if name in self.down else ""
        try:
            reading = self._read(ask, self.texts[name])
        except IcsRefused as refused:
            problem = str(refused)
        if not problem:
            self._good[name] = (self.texts[name], ask.at)
            return reading
        text, at = self._good.get(name, ("", ask.at))
        if not text or ask.at - at > ask.feed.max_age:
            old = f"; the last good copy is of {at:%Y-%m-%d %H:%MZ}: too old" if text else ""
            return FeedReading(connection=name, problem=f"{problem}{old}")
        stands_in = f"the copy of {at:%Y-%m-%d %H:%MZ} stands in: {problem}"
        update = {"fetched_at": at, "problem": stands_in}
        return self._read(ask, text).model_copy(update=update)

    def _read(self, ask: ReadFeed, text: str) -> FeedReading:
        day = datetime.combine(ask.at.astimezone(UTC), time(), UTC)
        within = Span(start_at=day - timedelta(days=1), end_at=day + KNOWN_FOR)
        spans, _ = expanded(text, ask.feed.days_in, within)
        return FeedReading(
            connection=ask.feed.connection,
            digest=digest_of(text),
            spans=spans,
            known_until=within.end_at,
        )
