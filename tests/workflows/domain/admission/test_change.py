from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.domain.risk.worlds import (
    NOT_CALIBRATED,
    TUESDAY_NOON,
    a_source,
    documents,
    factors,
    facts,
    on_call,
)
from workflows.domain.admission.change import (
    ChangeClass,
    blocked_by_debt,
    classify,
    raise_if_in_debt,
    too_few,
)
from workflows.domain.errors import PolicyViolated
from workflows.domain.release.plan import RoleNeed
from workflows.domain.release.planning import compile_plan
from workflows.domain.risk.facts import (
    ChangeFacts,
    OnCallFacts,
    Retrospective,
    Standing,
    Unknown,
)
from workflows.domain.risk.pattern import pattern_of
from workflows.domain.risk.score import score
from workflows.domain.spec import RiskModelSpec

MODEL = RiskModelSpec()
HELD = NOT_CALIBRATED.model_copy(update={"holds": True, "why": "Brier 0.050"})
DAY = timedelta(days=1)
CHANGE = ChangeFacts(sources=(a_source(),))
EMERGENCY = {"class": "emergency", "incident": "INC-7"}
GUARDED = {"environments": {"production": {"policyRef": "guarded"}}}
OVERDUE = Retrospective(
    release="release/ledger/1",
    services=("ledger",),
    opened_at=TUESDAY_NOON - 4 * DAY,
    due_at=TUESDAY_NOON - DAY,
)


def ruled(claim=None, *, calibration=HELD, clean_runs=5, paged=0, unknown=(), **standing):
    release, catalog = documents(release=claim or {})
    pattern = pattern_of(release, catalog, CHANGE)
    read = facts(
        change=CHANGE,
        on_call=OnCallFacts(on_call=(on_call(today=paged),)),
        standing=Standing(pattern=pattern.digest, clean_runs=clean_runs, **standing),
    )
    risk = score(factors(unknown=unknown), MODEL, calibration)
    return classify(release, read, pattern=pattern, risk=risk, model=MODEL), read


def class_of(*args, **more):
    return ruled(*args, **more)[0].change_class


def test_an_earned_pattern_at_low_risk_is_standard():
    ruling, _ = ruled()

    assert ruling.change_class is ChangeClass.STANDARD
    assert ruling.rows == (ChangeClass.STANDARD,)
    assert ruling.reasons == (
        "5 clean runs of its pattern at low risk, and none that failed since",
    )


@pytest.mark.parametrize(
    ("doubt", "reason"),
    [
        ({"clean_runs": 4}, "4 of 5 clean runs of its pattern at low risk"),
        (
            {"failed_release": "release/x"},
            (
                "its pattern lost its standing with release/x, which nobody has closed the "
                "retrospective of"
            ),
        ),
        ({"calibration": NOT_CALIBRATED}, "its risk decides nothing yet: 0 of 50 outcomes known"),
        (
            {"unknown": (Unknown(what="on-call of ledger", why="x"),)},
            "not everything is known: on-call of ledger",
        ),
    ],
    ids=["too few runs", "failed", "not calibrated", "unknown"],
)
def test_any_doubt_makes_it_normal_and_is_named(doubt, reason):
    ruling, _ = ruled(**doubt)

    assert ruling.change_class is ChangeClass.NORMAL
    assert ruling.reasons == (reason,)


def test_a_risk_that_is_not_low_makes_it_normal():
    release, catalog = documents()
    pattern = pattern_of(release, catalog, CHANGE)
    risk = score(factors(churn=None, coverage=None), MODEL, HELD)
    read = facts(change=CHANGE, standing=Standing(pattern=pattern.digest, clean_runs=9))

    ruling = classify(release, read, pattern=pattern, risk=risk, model=MODEL)

    assert ruling.reasons == ("its risk is medium",)


def test_the_standing_of_another_pattern_is_no_standing():
    release, catalog = documents()
    pattern = pattern_of(release, catalog, CHANGE)
    risk = score(factors(), MODEL, HELD)
    read = facts(standing=Standing(pattern="sha256:" + "0" * 64, clean_runs=99))

    ruling = classify(release, read, pattern=pattern, risk=risk, model=MODEL)

    assert ruling.reasons == ("nobody knows what its pattern has behind it",)


def test_a_claim_of_less_than_was_computed_changes_nothing():
    assert class_of({"class": "standard"}, clean_runs=0) is ChangeClass.NORMAL


def test_a_claim_of_more_is_granted():
    ruling, _ = ruled({"class": "normal"})

    assert ruling.change_class is ChangeClass.NORMAL
    assert ruling.reasons == ("its author asks for it",)


def test_an_emergency_needs_two_people_and_a_retrospective():
    ruling, _ = ruled(EMERGENCY, paged=1)

    assert ruling.change_class is ChangeClass.EMERGENCY
    assert ruling.people == 2
    assert ruling.retrospective_within == 3 * DAY
    assert ruling.rows == (ChangeClass.EMERGENCY,)


def test_an_emergency_that_no_page_bears_out_needs_what_a_normal_change_needs_too():
    ruling, _ = ruled(EMERGENCY)

    assert ruling.rows == (ChangeClass.EMERGENCY, ChangeClass.NORMAL)
    assert ruling.reasons[1] == (
        "the rows of a normal change hold, too: nobody on call for its services was paged in "
        "the last 24 hours"
    )


def test_an_emergency_is_no_way_around_an_overdue_retrospective():
    """It may go, for what burns must be put out; but not for fewer votes than a normal one."""
    ruling, read = ruled(EMERGENCY, paged=3, owed=(OVERDUE,))

    assert ruling.rows == (ChangeClass.EMERGENCY, ChangeClass.NORMAL)
    assert list(blocked_by_debt(read, ruling)) == []


@pytest.mark.parametrize("claim", [None, {"class": "normal"}])
def test_an_overdue_retrospective_blocks_any_other_release_and_says_who_clears_it(claim):
    ruling, read = ruled(claim, owed=(OVERDUE,))

    (problem,) = blocked_by_debt(read, ruling)

    assert problem == (
        "the retrospective of release/ledger/1 was due at 2026-11-09 12:00Z, and ledger goes no "
        "further before it is closed; whoever looked into it clears this with `lockgate "
        "retrospective close release/ledger/1 --finding …`"
    )
    with pytest.raises(PolicyViolated, match="was due at"):
        raise_if_in_debt(read, ruling)


@pytest.mark.parametrize(
    "paid",
    [
        {"due_at": TUESDAY_NOON + timedelta(seconds=1)},
        {"closed_at": TUESDAY_NOON - timedelta(hours=1), "closed_by": "ana"},
        {"due_at": None},
    ],
    ids=["not due yet", "closed", "without a deadline"],
)
def test_one_that_is_not_overdue_blocks_nothing(paid):
    ruling, read = ruled(owed=(OVERDUE.model_copy(update=paid),))

    assert list(blocked_by_debt(read, ruling)) == []


def test_it_is_overdue_from_the_moment_it_is_due():
    ruling, read = ruled(owed=(OVERDUE.model_copy(update={"due_at": TUESDAY_NOON}),))

    assert len(list(blocked_by_debt(read, ruling))) == 1


CLAIMS = st.sampled_from([{}, {"class": "standard"}, {"class": "normal"}, EMERGENCY])
WORLDS = st.fixed_dictionaries(
    {
        "calibration": st.sampled_from([HELD, NOT_CALIBRATED]),
        "clean_runs": st.integers(0, 9),
        "failed_release": st.none() | st.just("release/x"),
        "paged": st.integers(0, 2),
        "owed": st.sampled_from([(), (OVERDUE,)]),
    }
)


@given(CLAIMS, WORLDS)
def test_no_claim_makes_a_change_standard(claim, world):
    """Only facts do: where they do not suffice, every claim needs somebody's vote."""
    computed = class_of({}, **world)
    claimed = class_of(claim, **world)

    assert claimed is not ChangeClass.STANDARD or computed is ChangeClass.STANDARD


@given(WORLDS)
def test_an_emergency_spares_the_rows_of_a_normal_change_only_if_it_is_borne_out(world):
    ruling, _ = ruled(EMERGENCY, **world)

    borne_out = world["paged"] > 0 and not world["owed"]
    assert (ChangeClass.NORMAL not in ruling.rows) == borne_out
    assert ruling.people >= 2


@given(WORLDS.filter(lambda world: world["failed_release"]), CLAIMS)
def test_no_path_leads_from_a_failed_pattern_to_automatic_approval(world, claim):
    ruling, _ = ruled(claim, **world)

    assert ChangeClass.STANDARD not in ruling.rows


def test_a_gate_that_one_person_opens_is_too_little_for_an_emergency():
    ruling, _ = ruled(EMERGENCY, paged=1)
    one = compile_plan("shop", *documents(catalog=GUARDED))
    gate = one.stages[0].gate
    two = gate.model_copy(update={"needs": (*gate.needs, RoleNeed(role="product", count=1))})

    (problem,) = too_few(one, ruling)
    assert "'production' asks for 1 approval, and class emergency for 2 people" in problem
    stage = one.stages[0].model_copy(update={"gate": two})
    assert list(too_few(one.model_copy(update={"stages": (stage,)}), ruling)) == []
    assert list(too_few(one, ruled()[0])) == []


def test_what_an_approval_is_given_for_holds_the_class_and_its_rows():
    standard, normal = ruled()[0], ruled({"class": "normal"})[0]

    assert standard.material != normal.material
    assert ruled(EMERGENCY)[0].material != ruled(EMERGENCY, paged=1)[0].material
