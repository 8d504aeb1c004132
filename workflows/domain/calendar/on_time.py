"""The part of an admission that is about time."""

from datetime import UTC, datetime

from workflows.domain.admission.facts import Facts
from workflows.domain.calendar.ruling import SlotRuling, rule_slots
from workflows.domain.calendar.timetable import Timetable, timetables
from workflows.domain.release.plan import Plan
from workflows.domain.spec import Catalog, Release

_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Whether windows can be read at all is the same on each day."""


def rule_on_time(
    release: Release,
    catalog: Catalog,
    plan: Plan,
    facts: Facts | None,
    problems: list[str],
) -> tuple[tuple[Timetable, ...], SlotRuling | None]:
    """Each stage's timetable, and when the release could be made; adds to *problems*.

    Without facts the windows are read, and nothing is ruled.
    """
    try:
        found = timetables(release, catalog, plan, facts.at if facts is not None else _ANY_DAY)
    except ValueError as error:
        problems.append(str(error))
        return (), None
    if facts is None or facts.calendar is None:
        return (), None
    return found, rule_slots(found, facts.calendar, facts.at)
