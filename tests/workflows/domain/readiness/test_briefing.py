"""The dossier of an admission: what was decided is in it, and nothing that only time changes."""

from datetime import UTC, datetime, timedelta

from tests.builders import a_catalog, a_release, a_runbook, an_order
from tests.environments import a_catalog_for_releases
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.calendar.ruling import SlotRuling, WindowRuling
from workflows.domain.calendar.windows import Move
from workflows.domain.gates.gates import GateRuling
from workflows.domain.readiness.briefing import subject_of
from workflows.domain.readiness.dossier import changed
from workflows.domain.readiness.reviews import Review, Reviews
from workflows.domain.spec.readiness import Aspect
from workflows.domain.values import digest_of

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def order(**runbook):
    release = a_release()
    release["spec"]["rollback"] = {
        "runbookRef": "take-back",
        "harmBudget": {"failedRequests": 2000},
    }
    catalog = a_catalog(
        gated=True,
        policy={"readinessReview": {"roles": ["sre"]}},
        runbooks={"take-back": a_runbook(**runbook)},
    )
    return an_order(release, catalog)


def admission(*reviews, at=NOON, **runbook):
    return admit(order(**runbook), Facts(at=at, reviews=Reviews(reviews=reviews)))


def dossier(ruled):
    return subject_of(ruled, "production", release="release/shop/1").dossier


def with_gate(ruled, **gate):
    ruling = GateRuling(environment="production", gate="tests", met=True, **gate)
    return ruled.model_copy(update={"gates": (*ruled.gates, ruling)})


def test_it_tells_what_goes_who_agrees_and_how_it_is_taken_back():
    ruled = admission()

    text = dossier(ruled).text

    for words in (
        f"decision `{ruled.decision_digest}`",
        "a better checkout (CHG-1)",
        "checkout@production: v2 (",
        "10%, watch for 30m, 50%, watch for 30m, 100%",
        "approval needs 1 of sre",
        "take-back (",
        "Take the shop back by hand, by ana: unreviewed",
        "turning back is safe until the old versions are removed",
        "it turns back once 2000 requests have failed",
    ):
        assert words in text


def test_the_same_release_a_minute_later_has_changed_in_nothing():
    before, after = admission(), admission(at=NOON + timedelta(minutes=1))

    assert changed(dossier(before), dossier(after)) == ()


def test_an_edited_runbook_is_a_material_change():
    before, after = admission(), admission(steps="Sleep.")

    assert Aspect.RUNBOOK in changed(dossier(before), dossier(after))


def test_a_review_that_arrives_is_told_and_is_no_material_change():
    """Were it one, the words of everybody would be void because somebody did their work."""
    digest = admission().plan.runbook.digest
    review = Review(runbook="take-back", digest=digest, reviewer="ben", approved=True, at=NOON)

    before, after = dossier(admission()), dossier(admission(review))

    assert changed(before, after) == ()
    assert "reviewed, reviewed by ben" in after.text


def test_evidence_that_was_swapped_is_a_material_change():
    before = with_gate(admission(), evidence=(digest_of("Monday"),))
    after = with_gate(admission(), evidence=(digest_of("Tuesday"),))

    assert changed(dossier(before), dossier(after)) == (Aspect.EVIDENCE,)
    assert "tests: met" in dossier(before).text


def test_gates_of_other_environments_are_not_told():
    ruled = with_gate(admission(), evidence=())
    elsewhere = ruled.gates[-1].model_copy(update={"environment": "staging", "gate": "smoke"})

    told = dossier(ruled.model_copy(update={"gates": (*ruled.gates, elsewhere)})).text

    assert "smoke" not in told


def windowed(ruled, *, at, opens_at):
    """Closed until *opens_at*, as a calendar says at *at*."""
    ruling = WindowRuling(
        environment="production",
        move=Move.START,
        at=at,
        open=at >= opens_at,
        reason="frozen: year end",
        next_open=max(at, opens_at),
        ask_again_at=opens_at,
    )
    return ruled.model_copy(update={"slot": SlotRuling(environments=(ruling,))})


def test_it_is_due_when_the_calendar_lets_it_start():
    ruled = windowed(admission(), at=NOON, opens_at=NOON + 30 * HOUR)

    subject = subject_of(ruled, "production", release="release/shop/1")

    assert subject.due_at == NOON + 30 * HOUR
    assert "it could start at 2026-11-26 18:00Z: frozen: year end" in subject.dossier.text


def test_a_slot_that_moves_is_a_change_of_the_calendar():
    before = windowed(admission(), at=NOON, opens_at=NOON + 30 * HOUR)
    after = windowed(admission(), at=NOON, opens_at=NOON + 40 * HOUR)

    assert changed(dossier(before), dossier(after)) == (Aspect.CALENDAR,)


def test_a_slot_that_comes_as_it_was_told_is_none():
    """Were it one, every word would be void at the very moment that the release may start."""
    opens_at = NOON + 30 * HOUR
    before = subject_of(
        windowed(admission(), at=NOON, opens_at=opens_at), "production", release="r"
    )

    after = subject_of(
        windowed(admission(), at=opens_at + HOUR, opens_at=opens_at),
        "production",
        release="r",
        before=before,
    )

    assert changed(before.dossier, after.dossier) == ()
    assert after.due_at == opens_at


def test_without_a_calendar_it_could_start_at_once():
    subject = subject_of(admission(), "production", release="r")

    assert subject.due_at is None
    assert "it could start at once" in subject.dossier.text


def test_what_was_not_read_of_the_change_is_said_to_be_unknown():
    assert "its class and risk are unknown" in dossier(admit(order())).text


def test_it_tells_what_the_environment_is_created_from():
    release = a_release(environments=("preview",))
    ruled = admit(an_order(release, a_catalog_for_releases()))

    text = subject_of(ruled, "preview", release="release/shop/1").dossier.text

    assert "preview is created from preview (" in text
