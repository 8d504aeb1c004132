from datetime import timedelta

import pytest

from tests.builders import a_catalog, an_order
from tests.workflows.domain.calendar.calendars import NOON, a_freeze
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.calendar.windows import CalendarFacts
from workflows.domain.errors import PolicyViolated


def test_the_slot_is_that_of_the_moment_at_which_the_facts_were_read():
    freeze = CalendarFacts(freezes=(a_freeze(0, 3),))

    admission = admit(an_order(), Facts(at=NOON, calendar=freeze))

    (ruling,) = admission.slot.environments
    assert ruling.next_open == NOON + timedelta(hours=3)
    assert [timetable.environment for timetable in admission.timetables] == ["production"]


@pytest.mark.parametrize("facts", [None, Facts(at=NOON)])
def test_without_facts_nothing_is_ruled_and_windows_are_read_all_the_same(facts):
    broken = {**a_catalog(), "calendars": {"audits": {"ics": "audits.ics"}}}

    assert admit(an_order(), facts).slot is None
    with pytest.raises(PolicyViolated, match="Calendar audits"):
        admit(an_order(None, broken), facts)
