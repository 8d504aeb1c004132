"""The tables that people look at while a release goes."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from starters.board import board, brief
from tests.builders import build_of
from workflows.domain.canary.verdict import MetricVerdict, Word
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.gates.vote import Vote
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import (
    Blocker,
    Exposure,
    GateState,
    GateWord,
    MadeEnvironment,
    Progress,
    ReleaseStatus,
    RollbackView,
    TargetView,
    WatchView,
)
from workflows.domain.release.undo import Undo, Undone
from workflows.domain.values import Artifact, Target, short

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
OLD, NEW = build_of("checkout", "v1"), build_of("checkout", "v2")
STATUS = ReleaseStatus(
    release="release/shop/1",
    name="shop",
    summary="a better [red]checkout",
    ticket="CHG-1",
    requested_by="carl",
    phase=Phase.HOLDING,
    started_at=NOW - timedelta(minutes=3, seconds=12),
    targets=(
        TargetView(
            target=Target(service="checkout", environment="production"),
            artifact=Artifact(service="checkout", version="v2", digest=NEW),
            replaces=OLD,
            progress=Progress.HOLDING,
            step=3,
            steps=6,
            doing="analysis 0:05:00",
            exposure=Exposure(
                weight_asked=10, weight_measured=9.8, weight_low=9.1, weight_high=10.4
            ),
            watch=WatchView(began_at=NOW, planned_seconds=2340.0, seconds=360.0),
            drift=("somebody changed new-basket",),
        ),
    ),
    analysis=(
        MetricVerdict(
            name="error-rate",
            word=Word.INCONCLUSIVE,
            reason="too few",
            effect=0.03,
            low=-0.34,
            high=0.4,
            canary_samples=3912,
            needed=25900,
            harm_in_seconds=1980.0,
            safe_in_seconds=8000.0,
        ),
    ),
    blocked_by=(
        Blocker(
            gate="analysis",
            reason="noData",
            can_be_cleared_by=("anyone",),
            clears_at=NOW + timedelta(minutes=30),
        ),
    ),
    votes=(Vote(voter="ana", approved=True, digest=NEW, note="read it"),),
    exposure=Exposure(requests=3912, failed=13, harm_budget=2000, harm_budget_left=1987),
)


def shown(status, notice=""):
    console = Console(file=StringIO(), width=200, highlight=False)
    console.print(board(status, now=NOW, notice=notice))
    return console.file.getvalue()


def test_it_shows_where_each_target_stands_and_what_replaces_what():
    page = shown(STATUS)

    assert "shop   Holding   3m12s   3912 requests on the new version, 13 failed" in page
    assert "rollback SAFE" in page
    assert f"{short(OLD)} → {short(NEW)}" in page
    assert "10%" in page
    assert "9.8% [9.1, 10.4]" in page
    assert "watched 6 min of 39 min, 33 min left" in page
    assert "harm 0/2000" in page
    assert "drift  checkout@production: somebody changed new-basket" in page


def test_it_shows_verdicts_with_effect_and_interval():
    page = shown(STATUS)

    assert "[-34 %, +40 %]" in page
    assert "3912/25900" in page
    assert "harm in 33 min, safety in 2.22 h" in page


def test_it_says_at_the_end_how_harm_was_found():
    view = STATUS.targets[0].model_copy(
        update={"exposed_at": NOW, "decided_at": NOW + timedelta(seconds=75)}
    )

    page = shown(STATUS.model_copy(update={"targets": (view,), "reason": "alert TooSlow fires"}))

    assert (
        "because  alert TooSlow fires; found 75.0 s after the first users met it; "
        "0 requests on the new version, 0 failed"
    ) in page


def test_it_says_what_it_waits_for_who_can_clear_it_and_when_it_clears_by_itself():
    assert (
        "waits at analysis: noData; cleared by anyone; "
        "ends by itself at 2026-11-10 09:30:00Z, in 30m00s"
    ) in shown(STATUS)


def test_words_from_outside_are_no_markup():
    assert "a better [red]checkout (CHG-1), asked for by carl" in shown(STATUS)


def test_it_names_what_was_not_put_back():
    undo = Undo(subject="checkout@production", method="m", ask={}, sentence="remove v2")
    view = RollbackView(undone=(Undone(undo=undo, failure="Diverged: changed by hand"),))

    page = shown(STATUS.model_copy(update={"rollback": view}), notice="no worker answers")

    assert "not put back  remove v2: Diverged: changed by hand" in page
    assert "put back 0 of 1" in page
    assert "no worker answers" in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0s"), (4, "4s"), (192, "3m12s"), (7500, "2h05m"), (273600, "3d04h")],
)
def test_spans_are_brief(seconds, words):
    assert brief(timedelta(seconds=seconds)) == words


def test_a_wait_says_who_is_told_next_and_how_all_gates_stand():
    blocker = Blocker(
        gate="tests of production",
        reason="no tests yet",
        owner="quality",
        escalates_at=NOW + timedelta(hours=1),
        escalates_to="sre-lead (ana)",
    )
    gates = tuple(
        GateState(environment="production", gate=gate, word=word, since=NOW)
        for gate, word in (("approval", GateWord.OPEN), ("tests", GateWord.CLOSED))
    )

    page = shown(STATUS.model_copy(update={"blocked_by": (blocker,), "gates": gates}))

    assert "waits at tests of production: no tests yet; sre-lead (ana) is told at" in page
    assert "gates  approval open  tests closed" in page
    assert "gates  " not in shown(STATUS.model_copy(update={"blocked_by": (), "gates": gates}))


def test_it_shows_what_is_made_for_the_release_and_why_it_is_gone():
    made = MadeEnvironment(environment="preview", template="small", plan_digest=NEW)
    lost = made.model_copy(update={"phase": EnvironmentPhase.REMOVED, "reason": "its time"})

    def shown_with(environment):
        return shown(STATUS.model_copy(update={"environments": (environment,)}))

    assert "environment preview from small: not begun" in shown_with(made)
    assert "environment preview from small: Removed: its time" in shown_with(lost)
