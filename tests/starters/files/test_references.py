from pathlib import Path

import pytest

from starters.files.catalog import read_catalog
from starters.files.documents import read_documents
from starters.files.references import dangling, disordered, unmanned, unproved

RELEASE = Path("release.yaml")
RULES = Path("catalog/rules.yaml")


def said(problems):
    return [f"{problem.field}: {problem.message}" for problem in problems]


def test_every_reference_of_a_release_is_followed(shop):
    (release,) = read_documents(RELEASE).documents

    assert [problem.field for problem in dangling(release, frozenset())] == [
        "spec.services[0].name",
        "spec.services[1].name",
        "spec.environments[0].name",
        "spec.environments[1].name",
    ]


def test_references_are_followed_in_documents_that_are_broken_elsewhere(spoil):
    """One run names all that is wrong, so a wrong field must not hide a wrong reference."""
    spoil("release.yaml", "a" * 64, "latest")
    (release,) = read_documents(RELEASE).documents

    assert release.model is None
    assert len(list(dangling(release, frozenset()))) == 4


def test_a_circle_is_told_in_the_order_of_needs(spoil):
    spoil("release.yaml", f"{'b' * 64}}}\n", f"{'b' * 64}}}\n      dependsOn: [checkout]\n")
    (release,) = read_documents(RELEASE).documents

    assert said(disordered(release)) == [
        (
            "spec.services[0].dependsOn: checkout needs payments needs checkout: a circle, in "
            "which none can go first"
        )
    ]


def test_people_whose_roles_are_broken_may_hold_any(spoil):
    spoil("catalog/rules.yaml", "spec: {roles: [sre]}", "spec: {role: [sre]}")
    spoil("catalog/rules.yaml", "count: 1", "count: 2")

    assert not list(unmanned(read_documents(RULES).documents))


@pytest.mark.usefixtures("slos")
def test_references_to_objectives_and_their_indicators_are_followed():
    found = [
        f"{problem.field}: {problem.message}"
        for path in sorted(Path("catalog").iterdir())
        for document in read_documents(path).documents
        for problem in dangling(document, {("SLO", "b"), ("SLI", "checkout-answer")})
        if "SL" in problem.message
    ]

    assert found == [
        "spec.metrics[0].sloRef: SLO checkout-availability is not in the catalog; there are: b",
        "spec.slos[0]: SLO checkout-availability is not in the catalog; there are: b",
        (
            "spec.indicatorRef: SLI checkout-answers is not in the catalog; did you mean "
            "checkout-answer?"
        ),
    ]


GUARDED = (
    "spec: {identity: asserted, approvals: {require: [{role: sre, count: 1}], expireAfter: 1h}}\n"
)
MATRIX = """\
spec:
  decisionMatrix:
    inputs: [class, risk, environment]
    rules:
    - {risk: low, class: [standard, normal], require: []}
    - {risk: [medium, high], class: [standard, normal], require: [{role: sre}]}
    - {class: normal, risk: high, require: [{role: srx}]}
    - {class: emergency, require: [{role: sre, count: 2}], retrospective: 3d}
"""


def test_gaps_overlaps_and_unmanned_rows_of_a_matrix_are_named_where_they_stand(spoil):
    spoil("catalog/rules.yaml", GUARDED, MATRIX)

    problems = read_catalog(Path("catalog")).problems

    assert [str(p).partition(": ")[2] for p in problems if "Matrix" in p.field] == [
        (
            "spec.decisionMatrix.rules[2].require[0].role: needs 1 of role srx, which no Person "
            "in the catalog holds; did you mean sre?"
        ),
        (
            "spec.decisionMatrix.rules[2]: row 3 overlaps row 2 for class normal, risk high, "
            "environment production; exactly one row must stand for each case"
        ),
        (
            "spec.decisionMatrix.rules: no row stands for class standard or normal, risk "
            "unassessed, environment production: say who must agree, or `require: []` if nobody "
            "has to"
        ),
    ]
    assert [p.place.line for p in problems if "Matrix" in p.field] == [34, 34, 32]


def test_a_matrix_of_a_policy_that_guards_nothing_is_proved_as_well(spoil):
    spoil("catalog/rules.yaml", GUARDED, MATRIX)
    spoil("catalog/shop.yaml", "  policyRef: guarded\n", "")

    found = [str(problem) for problem in unproved(read_documents(RULES).documents)]

    assert any("risk unassessed, environment (any other)" in problem for problem in found)
