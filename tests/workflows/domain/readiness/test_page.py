from datetime import UTC, datetime, timedelta

from workflows.domain.gates.escalation import EscalationView, Notice
from workflows.domain.gates.vote import Vote
from workflows.domain.readiness.page import readiness_page
from workflows.domain.readiness.readiness import ReadinessState, ReadinessView
from workflows.domain.values import digest_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
WORD = Vote(voter="ana", approved=False, digest=digest_of("dossier"), note="the pager\nis silent")
VIEW = ReadinessView(
    release="release/shop/1",
    name="shop",
    environment="production",
    state=ReadinessState.NO_GO,
    round=2,
    due_at=NOON,
    words=(WORD,),
    missing=("product",),
    difference=("risk - low", "risk + high"),
    escalation=EscalationView(
        owner="ben",
        told=(Notice(kind="escalated", at=NOON, to="ben", level=1),),
        escalates_at=NOON + timedelta(hours=1),
        escalates_to="director (zoe)",
    ),
)


def test_the_page_says_where_it_stands_who_is_asked_and_what_changed():
    page = readiness_page(VIEW, "# Readiness of shop")

    assert page.startswith("## Readiness of shop for production: NoGo\n")
    assert "- **ana** (asserted) says no-go: the pager is silent\n" in page
    assert "- **product** has not said go" in page
    assert "- escalate to ben at 2026-11-25 12:00Z" in page
    assert "- next, at 2026-11-25 13:00Z: director (zoe)" in page
    assert "opened anew, for the second time, because this changed:\n- risk - low" in page
    assert page.endswith("# Readiness of shop")


def test_a_review_that_is_not_open_yet_says_when_it_is():
    scheduled = ReadinessView(
        release="r", name="shop", environment="production", opens_at=NOON, due_at=NOON
    )

    assert "opens at 2026-11-25 12:00Z" in readiness_page(scheduled, "")


def test_a_page_that_is_too_long_for_temporal_is_cut_and_says_so():
    page = readiness_page(VIEW, "ä" * 20_000)

    assert len(page.encode()) < 20_000
    assert page.endswith("`lockgate readiness show` prints the whole dossier")
