from datetime import UTC, datetime

import pytest

from workflows.steps import trail as trail_module
from workflows.steps.trail import Trail

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """A story's clock outside of a story."""
    monkeypatch.setattr(trail_module.workflow, "now", lambda: NOON)


def test_entries_keep_their_order_and_each_has_a_key_of_its_own():
    trail = Trail("release-1")

    trail.note("hold", "hold by ana", outcome="told", actor="ana")
    trail.note("resume", "resume by ana", outcome="told", actor="ana")

    assert [(e.key, e.action, e.at) for e in trail.unwritten] == [
        ("release-1#1", "hold", NOON),
        ("release-1#2", "resume", NOON),
    ]


def test_what_is_written_is_forgotten_and_what_came_meanwhile_is_not():
    trail = Trail("release-1")
    trail.note("hold", "hold", outcome="told")
    taken = trail.unwritten
    trail.note("resume", "resume", outcome="told")

    trail.written(taken)

    assert [entry.action for entry in trail.unwritten] == ["resume"]


def test_entries_that_are_handed_over_keep_the_keys_they_had():
    promotion, release = Trail("checkout-1"), Trail("release-1")
    promotion.note("shift_traffic", "shift", outcome="done")
    release.note("hold", "hold", outcome="told")

    release.take_over(promotion.unwritten)

    assert [entry.key for entry in release.unwritten] == ["release-1#1", "checkout-1#1"]


def test_long_details_are_cut():
    trail = Trail("release-1")

    trail.note("hold", "s" * 1000, outcome="told", detail="d" * 1000)

    (entry,) = trail.unwritten
    assert (len(entry.sentence), len(entry.detail)) == (300, 500)


def test_no_entry_outgrows_what_carries_it_whoever_wrote_it():
    trail = Trail("release-1")

    trail.note("vote", "vote", outcome="refused", actor="a" * 1_000_000)
    (entry,) = trail.unwritten
    trail.take_over((entry.model_copy(update={"detail": "d" * 1_000_000}),) * 5000)

    assert len(entry.actor or "") == 200
    assert len(trail.unwritten) == 1001
    assert max(len(each.model_dump_json()) for each in trail.unwritten) < 2000
