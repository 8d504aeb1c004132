from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import build_of
from workflows.domain.canary.harm import Harm
from workflows.domain.canary.verdict import MetricVerdict, Verdict, Word
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.gates.vote import Vote
from workflows.domain.release.page import release_page, rollback_page
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import (
    Blocker,
    Exposure,
    MadeEnvironment,
    Progress,
    ReleaseStatus,
    RollbackView,
    TargetView,
    WatchView,
)
from workflows.domain.release.undo import Undo, Undone
from workflows.domain.values import Artifact, Target, short

DIGEST = build_of("plan", "1")
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
TEMPORALS_LIMIT = 20_000


def a_view(service, *, doing="look 3 at 10%", progress=Progress.SHIFTING, **changes):
    return TargetView(
        target=Target(service=service, environment="production"),
        artifact=Artifact(service=service, version="v2", digest=build_of(service, "v2")),
        progress=progress,
        step=2,
        steps=6,
        doing=doing,
        **changes,
    )


def a_status(**changes):
    return ReleaseStatus(release="release/shop/1", name="shop", **changes)


def an_undone(sentence, failure=None):
    undo = Undo(subject="checkout@production", method="remove_version", ask={}, sentence=sentence)
    return Undone(undo=undo, failure=failure)


def cells(page, beginning):
    """The cells of the one row whose first cell begins like that."""
    (row,) = (line for line in page.splitlines() if line.startswith(f"| {beginning}"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_a_page_says_what_it_waits_for_and_who_can_clear_it():
    blocker = Blocker(
        gate="approval of production",
        reason="still needs sre",
        can_be_cleared_by=("ana (sre)", "ben (sre)"),
        clears_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
    )

    page = release_page(a_status(phase=Phase.AWAITING_APPROVAL, blocked_by=(blocker,)))

    assert page.startswith("## shop: AwaitingApproval\n")
    assert (
        "- waits at **approval of production**: still needs sre; cleared by ana (sre), ben (sre); "
        "ends by itself at 2026-12-01 09:00:00Z"
    ) in page


def test_a_page_says_what_is_made_for_the_release_and_where_it_stands():
    """Whoever approves the release approves that as well."""
    made = MadeEnvironment(environment="preview", template="small", plan_digest=DIGEST)

    before = release_page(a_status(environments=(made,)))
    ready = made.model_copy(update={"phase": EnvironmentPhase.READY})

    line = f"- environment **preview** is created from small `{short(DIGEST)}` for this release"
    assert f"{line}: not begun" in before
    assert f"{line}: Ready" in release_page(a_status(environments=(ready,)))


def test_a_page_has_a_row_for_each_target():
    page = release_page(a_status(targets=(a_view("checkout"), a_view("payments"))))

    assert cells(page, "checkout@")[2:] == ["0%", "shifting, step 2 of 6: look 3 at 10%"]
    assert cells(page, "payments@")[0] == "payments@production"


def test_traffic_says_what_was_asked_what_arrived_and_how_it_went():
    exposure = Exposure(weight_asked=25, weight_measured=24.1, requests=266, failed=26)

    page = release_page(a_status(targets=(a_view("checkout", exposure=exposure),)))

    assert cells(page, "checkout@")[2] == ("25% (measured 24.1%); watched 266 requests, 26 failed")


def test_a_stage_that_is_watched_shows_its_metrics_and_how_far_it_has_come():
    metric = MetricVerdict(
        name="error-rate",
        word=Word.INCONCLUSIVE,
        reason="too few",
        effect=0.03,
        low=-0.34,
        high=0.4,
        canary_samples=3912,
        needed=25900,
        harm=0.7,
        harm_in_seconds=1980.0,
    )
    verdict = Verdict(word=Word.INCONCLUSIVE, reason="too few", metrics=(metric,))
    watch = WatchView(began_at=NOON, planned_seconds=2340.0, seconds=360.0)
    exposure = Exposure(weight_asked=5, weight_measured=5.0, weight_low=4.8, weight_high=5.2)
    view = a_view("checkout", verdict=verdict, watch=watch, exposure=exposure)

    page = release_page(a_status(targets=(view,)))

    assert cells(page, "checkout@")[2] == "5% (measured 5.0% [4.8, 5.2])"
    assert cells(page, "checkout@")[3].endswith("; watched 6 min of 39 min, 33 min left")
    assert cells(page, "error-rate") == [
        "error-rate",
        "inconclusive",
        "+3.0 % [-34 %, +40 %]",
        "3912/25900",
        "harm in 33 min; evidence of harm e^0.7",
    ]


def test_the_budget_the_drift_and_how_harm_was_found_are_told():
    exposure = Exposure(harm_budget=2000, harm_budget_left=1987)
    view = a_view(
        "checkout",
        harm=Harm(failed_requests=13),
        drift=("somebody changed new-basket",),
        exposed_at=NOON,
        decided_at=NOON + timedelta(seconds=75),
    )

    page = release_page(a_status(targets=(view,), exposure=exposure, reason="alert TooSlow"))

    assert "Harm budget: 13/2000 failed requests" in page
    assert "- **checkout@production**: somebody changed new-basket" in page
    assert "Found: alert TooSlow; found 75.0 s after the first users met it" in page


@pytest.mark.parametrize(
    ("progress", "now"),
    [
        (Progress.PROMOTED, "promoted"),
        (Progress.WITHDRAWN, "withdrawn"),
        (Progress.FAILED, "failed at step 2 of 6"),
    ],
)
def test_a_target_that_came_to_an_end_is_told_in_a_word(progress, now):
    view = a_view("checkout", doing="the whole reason, once more", progress=progress)

    page = release_page(a_status(targets=(view,)))

    assert cells(page, "checkout@")[3] == now


def test_a_version_that_was_withdrawn_has_no_share_any_more():
    exposure = Exposure(weight_asked=25, weight_measured=24.1, requests=266, failed=26)
    view = a_view("checkout", progress=Progress.WITHDRAWN, exposure=exposure)

    page = release_page(a_status(targets=(view,)))

    assert cells(page, "checkout@")[2] == "none any more; watched 266 requests, 26 failed"


def test_the_last_verdict_stands_below_the_table():
    verdict = Verdict(word=Word.FAIL, reason="error-rate\n+9.8 pp")

    page = release_page(a_status(targets=(a_view("checkout", verdict=verdict),)))

    assert "\n\n- last look at **checkout@production**: fail: error-rate +9.8 pp\n" in page


def test_a_page_tells_votes_and_what_they_bind_to():
    votes = (
        Vote(voter="ana", approved=True, digest=DIGEST),
        Vote(voter="ben", approved=False, digest=DIGEST),
    )

    page = release_page(a_status(votes=votes, decision_digest=DIGEST, summary="faster"))

    assert "Votes: ana (asserted) approves, ben (asserted) rejects" in page
    assert f"Approvals count for this plan alone: `{DIGEST}`." in page
    assert "faster, asked for by" in page


def test_a_verdict_that_is_the_reason_is_not_told_twice():
    verdict = Verdict(word=Word.FAIL, reason="error-rate +9.8 pp")
    view = a_view("checkout", verdict=verdict)

    page = release_page(a_status(targets=(view,), reason="checkout: error-rate +9.8 pp"))

    assert page.count("error-rate") == 1


def test_columns_are_kept_apart():
    """Temporal's UI leaves no space between the cells of a table."""
    page = release_page(a_status(targets=(a_view("checkout"),)))

    assert "| checkout@production\N{NO-BREAK SPACE} | v2 " in page


@pytest.mark.parametrize("noise", ["a|b", "two\nlines", "| --- |\n| x |"])
def test_words_from_outside_stay_in_their_cell(noise):
    status = a_status(
        targets=(a_view("checkout", doing=noise),),
        rollback=RollbackView(undone=(an_undone("remove v2", failure=noise),)),
    )

    page = release_page(status)

    assert len(cells(page, "checkout@")) == 4
    assert len(cells(page, "remove v2")) == 2


def test_a_rollback_says_what_is_done_and_what_people_must_settle():
    view = RollbackView(undone=(an_undone("withdraw v2", "Diverged: v9"), an_undone("remove v1")))

    page = rollback_page("the canary failed", Phase.ROLLBACK_INCOMPLETE, view)

    assert page.startswith("## RollbackIncomplete\n\n**the canary failed**\n")
    assert cells(page, "withdraw v2") == ["withdraw v2", "Diverged: v9"]
    assert cells(page, "remove v1") == ["remove v1", "done"]
    assert "lockgate retry" in page


def test_nobody_is_called_when_everything_is_back():
    page = rollback_page("failed", Phase.ROLLED_BACK, RollbackView(undone=(an_undone("undo"),)))

    assert "lockgate retry" not in page


@pytest.mark.parametrize("doing", ["look 3 at 10%", "ü€😀" * 60])
def test_fifty_targets_fit_into_what_temporal_keeps(doing):
    views = tuple(a_view(f"service-{number}", doing=doing) for number in range(50))
    undone = tuple(an_undone(f"undo {number}", doing) for number in range(100))

    page = release_page(a_status(targets=views, rollback=RollbackView(undone=undone)))

    assert len(page.encode()) < TEMPORALS_LIMIT
    assert "service-0@production" in page


def test_a_page_says_who_has_a_wait_and_who_is_told_next():
    blocker = Blocker(
        gate="tests of production",
        reason="no tests yet",
        owner="quality",
        escalates_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
        escalates_to="eve",
    )

    page = release_page(a_status(phase=Phase.AWAITING_EVIDENCE, blocked_by=(blocker,)))

    assert "no tests yet; quality has it, eve is told at 2026-12-01 09:00:00Z" in page
