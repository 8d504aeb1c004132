from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_catalog, a_release, an_order
from workflows.domain.admission.admission import admit
from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.vote import Vote
from workflows.domain.readiness.dossier import Dossier
from workflows.domain.readiness.readiness import (
    ReadinessState,
    ReadinessSubject,
    ReadinessView,
    WordRefused,
    asked_of,
    check_word,
    due,
    open_roles,
    state_of,
)
from workflows.domain.values import digest_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOSSIER = digest_of("a dossier")


def reviewed(**changes):
    review = {"roles": ["sre", "product"], "escalateTo": [{"person": "ben", "after": "2h"}]}
    return a_catalog(gated=True, policy={"readinessReview": {**review, **changes}})


def rule(**changes):
    (stage,) = admit(an_order(catalog=reviewed(**changes))).plan.stages
    return stage.readiness


def word(by, *, go=True, **changes):
    return Vote(voter=by, approved=go, digest=DOSSIER, **changes)


def state(*words, at=NOON, due_at=NOON + HOUR):
    return state_of(rule(), {one.voter: one for one in words}, due_at=due_at, now=at)


def test_the_plan_says_who_is_asked_and_whom_it_goes_to_when_they_are_silent():
    ruled = rule()

    assert ruled.roles == ("sre", "product")
    assert set(ruled.people) == {"ana", "ben", "eve"}
    assert [str(level) for level in ruled.escalation.levels] == ["ben"]
    assert asked_of(ruled, ("sre",)) == "sre (ana, ben)"


def test_go_of_every_role_is_go():
    assert state(word("ana")) is ReadinessState.OPEN
    assert state(word("ana"), word("eve")) is ReadinessState.GO


def test_two_of_one_role_do_not_speak_for_another():
    assert state(word("ana"), word("ben")) is ReadinessState.OPEN
    assert open_roles(rule(), {"ana": word("ana"), "ben": word("ben")}) == ("product",)


def test_one_no_go_holds_whatever_the_others_say():
    assert state(word("ana"), word("eve"), word("ben", go=False)) is ReadinessState.NO_GO


def test_silence_at_the_time_of_the_release_is_no_go():
    assert state(word("ana"), at=NOON + HOUR) is ReadinessState.SILENT
    assert state(word("ana"), word("eve"), at=NOON + HOUR) is ReadinessState.GO


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Vote(voter="ana", digest=digest_of("another")), "read it again"),
        (word("mallory"), "holds none of the roles"),
        (word("carl"), "holds none of the roles"),
        (word("ana", environment="staging"), "this is the review of production"),
    ],
)
def test_a_word_counts_for_this_dossier_by_those_who_are_asked(said, why):
    with pytest.raises(WordRefused, match=why):
        check_word(rule(), said, dossier=DOSSIER, requested_by="carl")


def test_nothing_is_said_before_the_review_is_open():
    with pytest.raises(WordRefused, match="not open yet"):
        check_word(rule(), word("ana"), dossier=None, requested_by="carl")


def test_who_asks_for_the_release_may_say_no_go_and_never_go():
    with pytest.raises(WordRefused, match="somebody else must say go"):
        check_word(rule(), word("ana"), dossier=DOSSIER, requested_by="Ana")
    check_word(rule(), word("ana", go=False), dossier=DOSSIER, requested_by="Ana")


def test_a_review_that_only_the_requester_could_end_is_refused_at_admission():
    order = an_order(catalog=reviewed(roles=["product"]), requested_by="eve")

    with pytest.raises(PolicyViolated, match="nobody is left for product"):
        admit(order)


def test_a_role_that_nobody_holds_is_refused_at_admission():
    with pytest.raises(PolicyViolated, match="asks role 'support', which no Person"):
        admit(an_order(catalog=reviewed(roles=["support"])))


def test_a_level_that_reaches_nobody_is_refused_at_admission():
    levels = [{"role": "director", "after": "1h"}]

    with pytest.raises(PolicyViolated, match=r"escalateTo\[0\] asks role 'director'"):
        admit(an_order(catalog=reviewed(escalateTo=levels)))


def test_the_decision_digest_covers_who_is_asked():
    one, other = reviewed(), reviewed(roles=["sre"])

    assert (
        admit(an_order(catalog=one)).decision_digest
        != admit(an_order(catalog=other)).decision_digest
    )


def test_an_environment_without_a_policy_asks_nobody():
    order = an_order(a_release(environments=("staging",)), reviewed())

    assert admit(order).plan.stages[0].readiness is None


@pytest.mark.parametrize(
    ("due_at", "expected"),
    [
        (None, NOON + timedelta(hours=24)),
        (NOON - HOUR, NOON + timedelta(hours=24)),
        (NOON + HOUR, NOON + HOUR),
    ],
)
def test_without_a_slot_the_review_has_its_own_time(due_at, expected):
    page = Dossier(
        release="release/shop/1",
        name="shop",
        environment="production",
        decision_digest=DOSSIER,
        sections=(),
    )

    assert due(ReadinessSubject(dossier=page, due_at=due_at), rule(), now=NOON) == expected


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        ({"state": "NoGo", "words": (word("ben", go=False, note="DB"),)}, "ben says no-go: DB"),
        ({"state": "Open", "missing": ("sre",)}, "no go yet of sre"),
        ({"state": "Silent", "missing": ("sre",)}, "could start by now"),
        ({"state": "Go", "words": (word("ana"), word("eve"))}, "go by ana, eve"),
    ],
)
def test_the_view_says_why_it_holds(view, reason):
    told = ReadinessView(release="r", name="shop", environment="production", **view)

    assert reason in told.reason


said = st.dictionaries(
    st.sampled_from(["ana", "ben", "eve", "carl", "zoe"]), st.booleans(), max_size=5
)


@given(said, st.integers(-2, 2))
def test_it_is_go_only_when_every_role_said_so_and_nobody_said_no(said, late):
    words = {by: word(by, go=go) for by, go in said.items()}
    goes = {by for by, go in said.items() if go}

    found = state_of(rule(), words, due_at=NOON, now=NOON + late * HOUR)

    everybody = bool(goes & {"ana", "ben"}) and "eve" in goes
    assert (found is ReadinessState.GO) == (everybody and all(said.values()))
    assert (found is ReadinessState.SILENT) == (not everybody and all(said.values()) and late >= 0)
