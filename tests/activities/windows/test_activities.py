from datetime import UTC, datetime

from activities.windows import WindowsActivities
from tests.fakes.windows import FakeWindows
from workflows.domain.calendar.scope import Place
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import CalendarFacts, Freeze, Move
from workflows.ports.windows import RuleWindow

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_the_worker_rules_by_what_it_is_given_and_so_does_its_fake():
    freeze = Freeze(
        name="stop", reason="an outage", declared_by="ana", declared_at=NOON, start_at=NOON
    )
    place = Place(service="pay", environment="production")
    for facts, opened in ((CalendarFacts(), True), (CalendarFacts(freezes=(freeze,)), False)):
        for move in (Move.START, Move.ADVANCE):
            ask = RuleWindow(
                move=move,
                timetable=Timetable(environment="production", places=(place,)),
                facts=facts,
                at=NOON,
            )

            ruling = WindowsActivities().rule_window(ask)

            assert ruling.open is opened
            assert ruling == FakeWindows().rule_window(ask)
