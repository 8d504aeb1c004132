from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.matrix import (
    CLASSES,
    DATA_CLASSES,
    RISKS,
    Case,
    boxes,
    combined,
    matrix_digest,
    matrix_problems,
    rule_on,
)
from workflows.domain.release.plan import RoleNeed
from workflows.domain.spec.matrix import DecisionMatrix

SRE = {"role": "sre", "count": 1}
SAMPLE = (
    {"class": "standard", "risk": "low", "require": []},
    {"class": "standard", "risk": ["medium", "high", "unassessed"], "reclassify": "normal"},
    {"class": "normal", "risk": "low", "require": [SRE]},
    {
        "class": "normal",
        "risk": ["medium", "high", "unassessed"],
        "require": [SRE, {"role": "product"}, {"role": "security"}],
    },
    {"class": "emergency", "require": [{"role": "commander"}, SRE], "retrospective": "3d"},
)


def matrix(*rules, inputs=("class", "risk")):
    return DecisionMatrix.model_validate({"inputs": inputs, "rules": rules})


def case(change_class="normal", risk="low", environment="production", data_class="internal"):
    return Case(
        change_class=change_class, risk=risk, environment=environment, data_class=data_class
    )


def said(*rules, inputs=("class", "risk"), environments=("production",)):
    return [p.message for p in matrix_problems(matrix(*rules, inputs=inputs), environments)]


def test_the_sample_matrix_covers_every_case_exactly_once():
    """The enumeration that lint does, done again by hand."""
    assert said(*SAMPLE) == []
    for change_class, risk, data_class in product(CLASSES, RISKS, DATA_CLASSES):
        row = rule_on("prod", matrix(*SAMPLE), case(change_class, risk, data_class=data_class))
        assert row.row.startswith("prod#")


def test_the_row_names_itself_and_what_it_asks_for():
    row = rule_on("prod", matrix(*SAMPLE), case("emergency", "high"))

    assert (row.row, row.via) == ("prod#5", ())
    assert row.needs == (RoleNeed(role="commander", count=1), RoleNeed(role="sre", count=1))
    assert row.retrospective == timedelta(days=3)
    assert row.matrix == matrix_digest(matrix(*SAMPLE))


def test_a_standard_change_that_is_risky_goes_by_the_row_for_normal_ones():
    row = rule_on("prod", matrix(*SAMPLE), case("standard", "unassessed"))

    assert (row.row, row.via, row.case.change_class) == ("prod#4", ("prod#2",), "normal")
    assert [need.role for need in row.needs] == ["sre", "product", "security"]


@pytest.mark.parametrize(
    ("left_out", "gap"),
    [
        (0, "no row stands for class standard, risk low"),
        (1, "no row stands for class standard, risk medium or high or unassessed"),
        (4, "no row stands for class emergency"),
    ],
)
def test_a_gap_is_named_by_the_cases_that_fall_through(left_out, gap):
    (message,) = said(*SAMPLE[:left_out], *SAMPLE[left_out + 1 :])

    assert message.startswith(f"{gap}: ")


def test_an_overlap_is_named_by_both_rows_and_the_cases_they_share():
    (problem,) = matrix_problems(
        matrix(*SAMPLE, {"class": "normal", "risk": "low", "require": []}),
        ("production",),
    )

    assert problem.rule == 5
    assert problem.message.startswith("row 6 overlaps row 3 for class normal, risk low; ")


def test_unassessed_risk_is_a_case_of_its_own():
    """Unknown is neither low nor high: somebody must have said what it leads to."""
    rules = [{"risk": "low", "require": []}, {"risk": ["medium", "high"], "require": [SRE]}]

    (gap,) = said(*rules, inputs=("risk",))
    assert gap.startswith("no row stands for risk unassessed: ")
    with pytest.raises(PolicyViolated, match="there is: none"):
        rule_on("prod", matrix(*rules, inputs=("risk",)), case(risk="unassessed"))


def test_a_case_that_two_rows_stand_for_is_not_decided_by_their_order():
    twice = matrix({"risk": list(RISKS), "require": []}, {"require": [SRE]}, inputs=("risk",))

    with pytest.raises(PolicyViolated, match="there is: prod#1, prod#2"):
        rule_on("prod", twice, case())


def test_environments_are_those_that_the_policy_guards():
    rules = ({"environment": "production", "require": [SRE]},)

    assert said(*rules, inputs=("environment",)) == []
    (gap,) = said(*rules, inputs=("environment",), environments=("production", "eu"))
    assert gap.startswith("no row stands for environment eu: ")
    dead = said(*rules, inputs=("environment",), environments=("eu",))
    assert dead[0] == "environment production is not guarded by this policy; guarded: eu"


def test_reclassifying_in_a_circle_is_found():
    rules = (
        {"class": "standard", "reclassify": "normal"},
        {"class": "normal", "reclassify": "standard"},
        {"class": "emergency", "require": [SRE, SRE | {"role": "ops"}], "retrospective": "1d"},
    )

    assert said(*rules, inputs=("class",)) == [
        "row 1 is part of a circle: reclassify comes back to it",
        "row 2 is part of a circle: reclassify comes back to it",
    ]
    with pytest.raises(PolicyViolated, match="in a circle"):
        rule_on("prod", matrix(*rules, inputs=("class",)), case())


def test_reclassifying_without_classes_leads_nowhere():
    found = said({"reclassify": "normal"}, inputs=("risk",))

    assert found == ["reclassify leads nowhere: inputs does not list class"]


@pytest.mark.parametrize(
    "emergency",
    [
        {"require": [SRE], "retrospective": "3d"},
        {"require": [{"role": "sre", "count": 2}]},
    ],
)
def test_an_emergency_needs_two_people_and_a_look_back(emergency):
    rules = ({"class": ["standard", "normal"], "require": [SRE]}, {"class": "emergency"})

    found = said(rules[0], rules[1] | emergency, inputs=("class",))

    assert found == ["an emergency needs two people or more, and a retrospective"]


def test_several_rows_together_ask_for_the_most_of_each_role():
    rows = [
        rule_on("prod", matrix(*SAMPLE), case("normal", "low")),
        rule_on("prod", matrix({"require": [{"role": "sre", "count": 2}]}), case()),
        rule_on("prod", matrix(*SAMPLE), case("emergency")),
    ]

    assert combined(rows) == (
        RoleNeed(role="sre", count=2),
        RoleNeed(role="commander", count=1),
    )


def test_the_digest_is_of_what_the_matrix_says_not_of_how_it_is_written():
    assert matrix_digest(matrix({"risk": "low", "require": []})) == matrix_digest(
        matrix({"risk": ["low"], "require": []})
    )
    assert matrix_digest(matrix(*SAMPLE)) != matrix_digest(matrix(*SAMPLE[:-1]))


@given(st.lists(st.tuples(*(st.sampled_from("abc") for _ in range(3))), unique=True))
def test_boxes_hold_exactly_the_cases_they_were_made_of(cases):
    told = [case for box in boxes(cases, 3) for case in product(*box)]

    assert sorted(told) == sorted(cases)


@st.composite
def matrices(draw):
    """Rows that cut the cases at random, with gaps and overlaps as they come."""
    rules = [
        {
            "class": draw(st.lists(st.sampled_from(CLASSES), min_size=1, unique=True)),
            "risk": draw(st.lists(st.sampled_from(RISKS), min_size=1, unique=True)),
            "require": [SRE, {"role": "ops"}],
            "retrospective": "1d",
        }
        for _ in range(draw(st.integers(1, 5)))
    ]
    return matrix(*rules)


@given(matrices())
def test_lint_is_content_exactly_if_every_case_is_decided(any_matrix):
    def decided(change_class, risk):
        try:
            rule_on("prod", any_matrix, case(change_class, risk))
        except PolicyViolated:
            return False
        return True

    every = all(decided(*values) for values in product(CLASSES, RISKS))

    assert every == (not list(matrix_problems(any_matrix, ("production",))))
