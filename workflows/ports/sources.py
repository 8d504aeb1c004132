"""Reading what risk goes by: repositories, reports of coverage, and the history of pagers."""

from abc import abstractmethod
from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from workflows.domain.names import Queue
from workflows.domain.risk.asking import PagerAsk, SourceAsk
from workflows.domain.risk.facts import ChangeFacts, OnCallFacts
from workflows.ports.base import Message, Port, limited


class ReadChange(Message):
    """What lies between the commits of each of *sources*?"""

    sources: Annotated[tuple[SourceAsk, ...], Field(max_length=50)]

    def __str__(self) -> str:
        return f"read the commits of {', '.join(one.service for one in self.sources) or 'nothing'}"


class ReadOnCall(Message):
    """What do those on call for each of *pagers* have behind them at *at*?"""

    pagers: Annotated[tuple[PagerAsk, ...], Field(max_length=50)]
    at: AwareDatetime

    def __str__(self) -> str:
        services = ", ".join(one.service for one in self.pagers)
        return f"read the pages of those on call for {services or 'nothing'}"


class SourcesPort(Port):
    queue = Queue.SOURCES

    @limited(attempt=timedelta(minutes=5), total=timedelta(minutes=10), awaited=False)
    @abstractmethod
    def read_change(self, ask: ReadChange) -> ChangeFacts:
        """The commits, authors, files and changed-line coverage of each source.

        What will not be known by asking again is named in the answer's `unknown`: no such
        repository or commit, a change that is too large to read.

        Raises:
            Unavailable: a repository or the store of reports does not answer; retried within
                the limits.
        """

    @limited(attempt=timedelta(seconds=60), total=timedelta(minutes=3), awaited=False)
    @abstractmethod
    def read_on_call(self, ask: ReadOnCall) -> OnCallFacts:
        """The pages of the last 72 hours, and the beginning of the shift.

        What will not be known by asking again is named in the answer's `unknown`: no such pager,
        service or schedule.

        Raises:
            Unavailable: a pager does not answer; retried within the limits.
        """
