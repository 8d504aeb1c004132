from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import build_of
from workflows.domain.canary.verdict import Verdict, Word
from workflows.domain.canary.watch import Cause
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import (
    Exposure,
    Outcome,
    Progress,
    ReleaseStatus,
    RollbackView,
    TargetView,
    WatchView,
)
from workflows.domain.release.undo import Undo, Undone
from workflows.domain.values import Artifact, Target

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def an_undone(failure):
    undo = Undo(subject="checkout@production", method="remove_version", ask={}, sentence="undo")
    return Undone(undo=undo, failure=failure)


@given(st.lists(st.none() | st.text(min_size=1)))
def test_differences_are_exactly_what_failed_in_its_order(failures):
    view = RollbackView(undone=tuple(map(an_undone, failures)))

    assert [done.failure for done in view.differences] == [f for f in failures if f is not None]


def test_people_and_pipelines_read_camel_case():
    status = ReleaseStatus(release="release/shop/1", name="shop", requested_by="carl")

    written = status.model_dump(mode="json")

    assert written["requestedBy"] == "carl"
    assert written["exposure"]["weightAsked"] == 0
    assert written["phase"] == "Planned"


def test_a_status_comes_back_from_the_wire_as_it_went():
    view = TargetView(
        target=Target(service="checkout", environment="production"),
        artifact=Artifact(service="checkout", version="v2", digest=build_of("checkout", "v2")),
    )
    status = ReleaseStatus(release="release/shop/1", name="shop", targets=(view,))

    assert ReleaseStatus.model_validate_json(status.model_dump_json()) == status


def test_an_older_reader_ignores_what_a_newer_writer_added():
    outcome = Outcome.model_validate({"phase": "Healthy", "reason": "well", "novelty": 1})

    assert outcome.phase is Phase.HEALTHY


def a_target(service, **changes):
    return TargetView(
        target=Target(service=service, environment="production"),
        artifact=Artifact(service=service, version="v2", digest=build_of(service, "v2")),
        **changes,
    )


def released(*targets, undone=()):
    return ReleaseStatus(
        release="release/shop/1",
        name="shop",
        reason="alert TooSlow fires",
        targets=targets,
        rollback=RollbackView(undone=undone),
    )


def withdrawn(target, *, at, failure=None):
    undo = Undo(subject=target, method="withdraw_version", ask={}, sentence="withdraw")
    return Undone(undo=undo, failure=failure, at=at)


FAILED = Verdict(word=Word.FAIL, reason="error-rate +240 %", deciding="error-rate")


def test_what_the_watch_found_is_told_with_its_statistic():
    watch = WatchView(began_at=NOON, planned_seconds=60.0, cause=Cause.THRESHOLD)
    exposure = Exposure(requests=900, failed=40)
    view = a_target(
        "checkout",
        verdict=FAILED,
        watch=watch,
        exposure=exposure,
        exposed_at=NOON,
        decided_at=NOON + MINUTE,
    )
    back = withdrawn("checkout@production", at=NOON + MINUTE + MINUTE / 20)

    found = released(view, undone=(back,)).detection

    assert (found.cause, found.metric, found.reason) == (
        Cause.THRESHOLD,
        "error-rate",
        "error-rate +240 %",
    )
    assert (found.seconds_to_detect, found.seconds_to_go_back) == (60.0, 3.0)
    assert (found.requests, found.failed) == (900, 40)


def test_what_somebody_else_found_has_the_reason_of_the_release():
    view = a_target("checkout", exposed_at=NOON, decided_at=NOON + MINUTE)

    found = released(view).detection

    assert (found.cause, found.reason, found.back_at) == (None, "alert TooSlow fires", None)


def test_the_latest_decision_is_the_one_that_turned_the_release_back():
    early = a_target("payments", exposed_at=NOON, decided_at=NOON + MINUTE)
    late = a_target("checkout", exposed_at=NOON + MINUTE, decided_at=NOON + 2 * MINUTE)

    assert released(early, late).detection.target == late.target


@pytest.mark.parametrize("changes", [{}, {"exposed_at": NOON}, {"decided_at": NOON}])
def test_nothing_was_found_where_nobody_met_it_or_nothing_was_decided(changes):
    assert released(a_target("checkout", **changes)).detection is None


def test_a_withdrawal_that_failed_brought_nobody_back():
    view = a_target("checkout", exposed_at=NOON, decided_at=NOON + MINUTE)
    back = withdrawn("checkout@production", at=NOON + 2 * MINUTE, failure="Unavailable: x")

    assert released(view, undone=(back,)).detection.back_at is None


def test_the_release_tells_the_share_and_budget_of_the_target_that_moves():
    exposure = Exposure(weight_low=4.8, weight_high=5.2, harm_budget=2000, harm_budget_left=1987)
    view = a_target("checkout", exposure=exposure)

    status = released(a_target("checkout")).with_target(view)

    assert (status.exposure.weight_low, status.exposure.weight_high) == (4.8, 5.2)
    assert (status.exposure.harm_budget, status.exposure.harm_budget_left) == (2000, 1987)


def test_a_watch_has_no_time_left_once_it_is_over():
    watch = WatchView(began_at=NOON, planned_seconds=60.0, seconds=70.0)

    assert watch.left_seconds == 0.0


def test_what_a_promotion_told_earlier_and_arrives_later_changes_nothing():
    """Two signals on their way at once may overtake each other."""
    failed = a_target("checkout", revision=5, progress=Progress.FAILED)
    late = a_target("checkout", revision=4, progress=Progress.SHIFTING)

    status = released(failed)

    assert status.with_target(late) == status
    assert status.with_target(late.model_copy(update={"revision": 5})) != status
