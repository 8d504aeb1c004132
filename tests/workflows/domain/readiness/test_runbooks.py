from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_catalog, a_release, a_runbook, an_order
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.errors import PolicyViolated
from workflows.domain.readiness.reviews import Rehearsal, Review, Reviews
from workflows.domain.readiness.runbooks import (
    RunbookState,
    named_runbooks,
    rule_on_runbooks,
    runbook_digest,
)
from workflows.domain.release.planning import compile_plan
from workflows.domain.spec import Catalog, Release, RunbookSpec

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RUNBOOK = "take-back"


def documents(*, policy=None, rollback=None, files=None, **runbook):
    release = a_release()
    release["spec"]["rollback"] = {"runbookRef": RUNBOOK, **(rollback or {})}
    catalog = a_catalog(gated=True, policy=policy, runbooks={RUNBOOK: a_runbook(**runbook)})
    catalog["files"] = files or {}
    return release, catalog


def digest(**runbook):
    return runbook_digest(RUNBOOK, RunbookSpec.model_validate(a_runbook(**runbook)), {})


def review(by="ben", *, approved=True, at=NOON, of=None, note=""):
    return Review(
        runbook=RUNBOOK, digest=of or digest(), reviewer=by, approved=approved, at=at, note=note
    )


def ruling(*reviews, rehearsals=(), at=NOON + HOUR, **changes):
    release, catalog = documents(**changes)
    facts = Facts(at=at, reviews=Reviews(reviews=reviews, rehearsals=rehearsals))
    (ruled,) = rule_on_runbooks(
        Release.model_validate(release).spec, Catalog.model_validate(catalog), facts
    )
    return ruled


def test_a_runbook_that_nobody_reviewed_does_not_stand():
    ruled = ruling()

    assert (ruled.state, ruled.stands) == (RunbookState.UNREVIEWED, False)
    assert ruled.can_be_cleared_by == ("ben", "eve")


def test_the_review_of_another_person_lets_it_stand():
    ruled = ruling(review("ben"))

    assert (ruled.stands, ruled.reviewed_by, ruled.can_be_cleared_by) == (True, ("ben",), ())


@pytest.mark.parametrize("author", ["ana", "ANA", " ana "])
def test_the_authors_own_review_does_not_count_however_it_is_typed(author):
    assert ruling(review(author)).state is RunbookState.UNREVIEWED


def test_a_stranger_is_no_reviewer():
    """Who is not in the catalog is nobody: unmapped fails closed."""
    assert ruling(review("mallory")).state is RunbookState.UNREVIEWED


@pytest.mark.parametrize(
    "edit",
    [
        {"steps": "Stop the imports, then call support!"},
        {"title": "Take the shop back"},
        {"commands": []},
        {"verification": "Look."},
        {"rollbackPlan": "Install the old version. Then sleep."},
        {"author": "eve"},
    ],
)
def test_any_edit_voids_the_review(edit):
    ruled = ruling(review("ben"), **edit)

    assert ruled.state is RunbookState.EDITED
    assert "edited since ben reviewed it" in ruled.why


def test_an_edit_of_a_file_that_it_names_voids_the_review():
    release, catalog = documents(steps={"file": "take-back.md"}, files={"take-back.md": "One."})
    plan = admit(an_order(release, catalog)).plan
    facts = Facts(at=NOON, reviews=Reviews(reviews=(review(of=plan.runbook.digest),)))
    (before,) = admit(an_order(release, catalog), facts).runbooks

    catalog["files"] = {"take-back.md": "One. Two."}
    (after,) = admit(an_order(release, catalog), facts).runbooks

    assert (before.stands, after.state) == (True, RunbookState.EDITED)


def test_words_that_move_into_a_file_are_the_same_runbook():
    inline = RunbookSpec.model_validate(a_runbook(steps="One."))
    in_file = RunbookSpec.model_validate(a_runbook(steps={"file": "steps.md"}))

    assert runbook_digest("x", inline, {}) == runbook_digest("x", in_file, {"steps.md": "One."})
    assert runbook_digest("x", inline, {}) != runbook_digest("y", inline, {})


def test_a_rejection_holds_until_the_same_person_approves():
    rejected = review("ben", approved=False, note="step 3 deletes orders")

    assert ruling(rejected, review("eve")).state is RunbookState.REJECTED
    assert "step 3" in ruling(rejected).why
    assert ruling(rejected, review("ben", at=NOON + HOUR)).stands


def test_a_policy_may_ask_for_several_reviews_of_a_role():
    asks = {"runbook": {"reviews": 1, "role": "product"}}

    assert not ruling(review("ben"), policy=asks).stands
    assert ruling(review("eve"), policy=asks).stands
    assert not ruling(review("eve"), policy={"runbook": {"reviews": 2}}).stands
    assert ruling(review("eve"), review("ben"), policy={"runbook": {"reviews": 2}}).stands


def test_one_person_is_one_reviewer():
    twice = (review("ben"), review("Ben", at=NOON + HOUR))

    assert not ruling(*twice, policy={"runbook": {"reviews": 2}}).stands


def test_reviews_that_could_not_be_read_are_not_good():
    release, catalog = documents()

    (ruled,) = admit(an_order(release, catalog)).runbooks

    assert ruled.state is RunbookState.UNKNOWN
    assert not ruled.stands


@pytest.mark.parametrize(
    ("assurance", "stands"),
    [
        ("asserted", False),
        ("proven", False),
        ("proven as oidc:ben@local", True),
        ("proven as oidc:eve@local", False),
        ("proven as oidc:mallory@local", False),
        ("proven as git:ben@local", False),
    ],
)
def test_where_identity_is_proven_a_name_that_is_asserted_reviews_nothing(assurance, stands):
    release, catalog = documents(policy={"identity": "proven"})
    for name, person in catalog["people"].items():
        person["accounts"] = {"oidc": [f"{name}@local"]}
    said = review("ben").model_copy(update={"assurance": assurance})
    facts = Facts(at=NOON, reviews=Reviews(reviews=(said,)))

    (ruled,) = rule_on_runbooks(
        Release.model_validate(release).spec, Catalog.model_validate(catalog), facts
    )

    assert ruled.stands is stands


def rehearsal(*, passed=True, at=NOON, of=None):
    return Rehearsal(runbook=RUNBOOK, digest=of or digest(), by="eve", passed=passed, at=at)


@pytest.mark.parametrize(
    ("rehearsals", "stands"),
    [
        ((), False),
        ((rehearsal(),), True),
        ((rehearsal(passed=False),), False),
        ((rehearsal(at=NOON - 2 * HOUR),), False),
        ((rehearsal(of=digest(title="Another")),), False),
        ((rehearsal(), rehearsal(passed=False, at=NOON + HOUR)), False),
    ],
)
def test_a_rehearsal_is_fresh_passed_and_of_this_very_runbook(rehearsals, stands):
    asks = {"rehearsal": {"within": "2h"}}

    ruled = ruling(review(), rehearsals=rehearsals, rollback=asks)

    assert ruled.stands is stands
    assert stands or ruled.state is RunbookState.UNREHEARSED


def test_the_stricter_of_release_and_policy_counts():
    asks = {"policy": {"runbook": {"rehearsedWithin": "30m"}}}

    ruled = ruling(
        review(), rehearsals=(rehearsal(),), rollback={"rehearsal": {"within": "7d"}}, **asks
    )

    assert ruled.state is RunbookState.UNREHEARSED


def test_an_environment_that_asks_nobody_waits_for_no_runbook():
    release, catalog = documents()
    release["spec"]["environments"] = [{"name": "staging"}]

    assert admit(an_order(release, catalog)).runbooks == ()


def problems_of(release, catalog):
    spec = Release.model_validate(release).spec
    with pytest.raises(PolicyViolated) as refused:
        compile_plan("shop", spec, Catalog.model_validate(catalog))
    return str(refused.value)


def test_a_policy_may_refuse_a_release_without_a_runbook():
    catalog = a_catalog(gated=True, policy={"runbook": {}})

    assert "names none: write rollback.runbookRef" in problems_of(a_release(), catalog)


def test_a_runbook_that_is_not_there_is_named():
    release, catalog = documents()
    catalog["runbooks"] = {}

    assert "Runbook 'take-back' is not in the catalog" in problems_of(release, catalog)


def test_a_runbook_that_nobody_may_review_is_a_problem_before_the_start():
    release, catalog = documents(policy={"runbook": {"reviews": 3}})

    assert "knows 2 people who could" in problems_of(release, catalog)


def test_the_decision_digest_covers_the_runbook():
    plain, edited = documents(), documents(steps="Something else.")

    assert admit(an_order(*plain)).decision_digest != admit(an_order(*edited)).decision_digest


def test_the_runbooks_of_an_order_are_known_before_it_is_read():
    release, catalog = documents()

    assert named_runbooks(an_order(release, catalog)) == (RUNBOOK,)
    assert named_runbooks(an_order()) == ()


people = st.sampled_from(["ana", "ben", "eve", "mallory", "BEN"])
contents = st.sampled_from([digest(), digest(title="Another")])
words = st.lists(
    st.builds(
        Review,
        runbook=st.just(RUNBOOK),
        digest=contents,
        reviewer=people,
        approved=st.booleans(),
        at=st.integers(0, 10_000).map(lambda s: NOON + timedelta(seconds=s)),
    ),
    max_size=8,
)


@given(words, st.integers(1, 2))
def test_it_stands_exactly_when_enough_others_last_said_yes_to_this_content(said, needed):
    last = {}
    for word in sorted(said, key=lambda one: one.at):
        if word.digest == digest() and word.reviewer.lower() in {"ben", "eve"}:
            last[word.reviewer.lower()] = word.approved
    expected = all(last.values()) and len(last) >= needed

    ruled = ruling(*said, policy={"runbook": {"reviews": needed}})

    assert ruled.stands is expected
