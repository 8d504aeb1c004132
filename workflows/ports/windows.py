"""Rulings on time: pure code of the domain, run by an activity so that the answer is recorded."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.audit import Moment
from workflows.domain.calendar.ruling import WindowRuling
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import CalendarFacts, Granted, Move
from workflows.domain.names import Queue
from workflows.ports.base import Message, Port, limited


class RuleWindow(Message):
    """May the move be made at *at*, by these windows and facts, with these set aside?"""

    move: Move
    timetable: Timetable
    facts: CalendarFacts
    overrides: tuple[Granted, ...] = ()
    at: Moment

    def __str__(self) -> str:
        return f"may {self.timetable.environment} {self.move}, by its calendars"


class WindowsPort(Port):
    queue = Queue.DECISIONS

    @limited(
        attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False, awaited=False
    )
    @abstractmethod
    def rule_window(self, ask: RuleWindow) -> WindowRuling:
        """Rule by the documents and the facts alone; the same ask has the same answer."""
