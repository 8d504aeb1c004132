"""A watched release as a log: one line per change, and nothing twice."""

from datetime import UTC, datetime, timedelta

from starters.files.lines import Changes
from starters.watching import Look
from tests.builders import build_of
from workflows.domain.canary.harm import Harm
from workflows.domain.canary.verdict import MetricVerdict, Verdict, Word
from workflows.domain.canary.watch import Cause
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import (
    Blocker,
    Exposure,
    MadeEnvironment,
    Progress,
    ReleaseStatus,
    TargetView,
    WatchView,
)
from workflows.domain.values import Artifact, Target

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
STATUS = ReleaseStatus(release="release/shop/1", name="shop", phase=Phase.PROGRESSING)
VIEW = TargetView(
    target=Target(service="checkout", environment="production"),
    artifact=Artifact(service="checkout", version="v2", digest=build_of("checkout", "v2")),
    progress=Progress.SHIFTING,
    step=2,
    steps=6,
    doing="10%",
    exposure=Exposure(weight_asked=10),
)


def said(changes, *, notice="", **fields):
    status = None if notice else STATUS.model_copy(update=fields)
    return [line[21:] for line in changes.of(Look(at=NOW, status=status, notice=notice))]


def test_a_line_begins_with_the_moment_and_has_stable_keys():
    (first,) = Changes().of(Look(at=NOW, status=STATUS))

    assert first == "2026-11-10T09:00:00Z release=shop phase=Progressing"


def test_what_did_not_change_is_not_said_again():
    changes = Changes()
    said(changes, targets=(VIEW,))

    assert said(changes, targets=(VIEW,)) == []


METRIC = MetricVerdict(
    name="error-rate",
    word=Word.INCONCLUSIVE,
    reason="too few",
    effect=0.03,
    low=-0.34,
    high=0.4,
    canary_samples=3912,
    needed=25900,
    harm_in_seconds=1980.0,
)


def watched(*, requests=3912, metric=METRIC, **changes):
    """The view in the middle of an analysis."""
    exposure = Exposure(
        weight_asked=10, weight_measured=9.8, weight_low=9.1, weight_high=10.4, requests=requests
    )
    watch = WatchView(began_at=NOW, planned_seconds=2340.0, seconds=360.0)
    verdict = Verdict(word=metric.word, reason="", metrics=(metric,))
    told = {"exposure": exposure, "watch": watch, "verdict": verdict, **changes}
    return VIEW.model_copy(update=told)


def test_a_stage_tells_what_it_plans_what_arrives_and_where_each_metric_stands():
    changes = Changes()
    said(changes, targets=(VIEW,))

    assert said(changes, targets=(watched(),)) == [
        "target=checkout@production step=2 planned=2340s",
        (
            'target=checkout@production asked=10 measured="9.8% [9.1, 10.4]" requests=3912 '
            "failed=0 left=1980s"
        ),
        (
            "target=checkout@production step=2 metric=error-rate verdict=inconclusive "
            'effect="+3.0 %" interval="[-34 %, +40 %]" samples=3912/25900 harmIn=1980s'
        ),
    ]


def test_counts_that_grow_a_little_are_no_change():
    changes = Changes()
    said(changes, targets=(watched(),))
    grown = METRIC.model_copy(update={"canary_samples": 3990, "effect": 0.02})

    assert said(changes, targets=(watched(requests=3990, metric=grown),)) == []


def test_counts_that_have_doubled_and_another_verdict_are_told():
    changes = Changes()
    said(changes, targets=(watched(),))
    passed = METRIC.model_copy(update={"word": Word.PASS, "needed": 0, "harm_in_seconds": None})

    more, metric = said(changes, targets=(watched(requests=9000, metric=passed),))

    assert "requests=9000" in more
    assert metric.endswith('verdict=pass effect="+3.0 %" interval="[-34 %, +40 %]" samples=3912')


def test_each_tenth_of_the_harm_budget_is_a_line():
    def cost(failed):
        exposure = Exposure(harm_budget=2000, harm_budget_left=2000 - failed)
        harm = Harm(failed_requests=failed)
        return {"exposure": exposure, "targets": (VIEW.model_copy(update={"harm": harm}),)}

    changes = Changes()
    said(changes, targets=(VIEW,))

    assert said(changes, **cost(13)) == ["harm=13/2000 left=1987"]
    assert said(changes, **cost(150)) == []
    assert said(changes, **cost(200)) == ["harm=200/2000 left=1800"]


def test_a_flag_that_somebody_else_changed_is_told():
    changes = Changes()
    said(changes, targets=(VIEW,))

    drifted = VIEW.model_copy(update={"drift": ("somebody changed new-basket",)})

    assert said(changes, targets=(drifted,)) == [
        'target=checkout@production drift="somebody changed new-basket"'
    ]


def test_the_end_tells_what_decided_how_soon_and_who_met_it():
    verdict = Verdict(word=Word.FAIL, reason="error-rate +240 %", deciding="error-rate")
    watch = WatchView(began_at=NOW, planned_seconds=600.0, cause=Cause.JUDGE)
    seen = {"exposed_at": NOW, "decided_at": NOW + timedelta(seconds=75), "watch": watch}
    view = VIEW.model_copy(update={"verdict": verdict, **seen})

    *_, last = said(Changes(), targets=(view,), phase=Phase.ROLLED_BACK)

    assert last == (
        "detected=checkout@production by=judge metric=error-rate "
        'because="error-rate +240 %" secondsToDetect=75.0 requests=0 failed=0'
    )


def test_a_wait_says_who_can_clear_it_and_when_it_clears_by_itself_and_its_end():
    changes = Changes()
    blocker = Blocker(
        gate="approval of production",
        reason="still needs sre",
        can_be_cleared_by=("ana (sre)",),
        clears_at=NOW + timedelta(hours=1),
    )
    said(changes)

    (line,) = said(changes, blocked_by=(blocker,))
    assert line == (
        'blocked="approval of production" reason="still needs sre" clearedBy="ana (sre)" '
        "clearsAt=2026-11-10T10:00:00Z"
    )
    assert said(changes) == ["blocked=no"]


def test_a_notice_is_said_once_and_again_only_after_it_was_over():
    changes = Changes()

    assert said(changes, notice="no worker answers") == ['notice="no worker answers"']
    assert said(changes, notice="no worker answers") == []
    said(changes)
    assert said(changes, notice="no worker answers") == ['notice="no worker answers"']


def test_text_of_several_lines_stays_on_one():
    assert said(Changes(), reason='a "quoted"\nreason') == [
        'release=shop phase=Progressing reason="a \\"quoted\\"\\nreason"'
    ]


def test_a_wait_says_who_has_it_and_who_is_told_next():
    changes = Changes()
    blocker = Blocker(
        gate="tests of production",
        reason="no tests",
        owner="quality",
        escalates_at=NOW + timedelta(hours=1),
        escalates_to="eve",
    )
    said(changes)

    (line,) = said(changes, blocked_by=(blocker,))

    assert line.endswith("owner=quality escalatesTo=eve escalatesAt=2026-11-10T10:00:00Z")


def test_an_environment_that_is_made_for_the_release_is_told_when_it_moves():
    changes = Changes()
    made = MadeEnvironment(
        environment="preview",
        template="small",
        plan_digest=build_of("plan", "1"),
        phase=EnvironmentPhase.CREATING,
    )
    ready = made.model_copy(update={"phase": EnvironmentPhase.READY})

    said(changes, environments=(made,))

    assert said(changes, environments=(made,)) == []
    assert said(changes, environments=(ready,)) == ["environment=preview phase=Ready"]
