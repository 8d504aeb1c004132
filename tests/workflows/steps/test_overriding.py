from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.builders import an_order
from workflows.domain.calendar.override import Override, OverrideRefused
from workflows.domain.release.status import Blocker
from workflows.steps import overriding
from workflows.steps import trail as trail_module
from workflows.steps.overriding import Overrides
from workflows.steps.proving import Prover
from workflows.steps.trail import Trail

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FROZEN = (Blocker(gate="window of production", reason="frozen", evidence=("incident-7",)),)
ADMISSION = SimpleNamespace(
    timetables=[SimpleNamespace(people={"ana": (), "ben": (), "eve": ()}, windows=())],
    plan=SimpleNamespace(stages=()),
)


class Clock:
    now = NOON


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    for module in (overriding, trail_module):
        monkeypatch.setattr(module.workflow, "now", lambda: clock.now)
    return clock


@pytest.fixture
def overrides(clock):
    order = an_order(requested_by="whoever")
    return Overrides(order, prover=Prover(), trail=Trail("release-1"))


async def say(overrides, by):
    word = Override(by=by, window="incident-7", reason="the fix of the outage", lasts=HOUR)
    return await overrides.take(word, ADMISSION, FROZEN)


async def test_whoever_was_proven_to_ask_sets_nothing_aside_under_another_name(overrides):
    overrides.asked_by("ana")

    with pytest.raises(OverrideRefused, match="ana asked for this release"):
        await say(overrides, "ana")


async def test_a_word_whose_time_is_over_is_not_joined_by_a_later_one(overrides, clock):
    assert (await say(overrides, "ana")).missing == 1
    clock.now = NOON + HOUR

    view = await say(overrides, "ben")

    assert (view.stands, view.by, overrides.granted) == (False, ("ben",), ())
    clock.now += HOUR / 2
    assert (await say(overrides, "eve")).stands
