"""A watched release as a log: one line per change, and nothing twice."""

from datetime import UTC, datetime, timedelta

from starters.lines import Changes
from starters.watching import Look
from tests.builders import build_of
from workflows.domain.canary.verdict import MetricVerdict, Verdict, Word
from workflows.domain.phase import Phase
from workflows.domain.status import Blocker, Exposure, Progress, ReleaseStatus, TargetView
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


def test_counts_that_grow_are_no_change_and_a_verdict_is():
    changes = Changes()
    said(changes, targets=(VIEW,))
    grown = VIEW.exposure.model_copy(update={"requests": 900, "weight_measured": 9.8})
    verdict = Verdict(
        word=Word.PASS,
        reason="fine",
        metrics=(MetricVerdict(name="error-rate", word=Word.PASS, reason="fine"),),
    )

    counted = VIEW.model_copy(update={"exposure": grown})
    judged = counted.model_copy(update={"verdict": verdict})

    assert said(changes, targets=(counted,)) == []
    assert said(changes, targets=(judged,)) == [
        "target=checkout@production step=2 metric=error-rate verdict=pass"
    ]


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
