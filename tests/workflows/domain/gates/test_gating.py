import pytest

from tests.builders import a_catalog, a_release, a_service, build_of
from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.gating import gated, rows_of, runbook_gates
from workflows.domain.readiness.runbooks import RunbookRuling
from workflows.domain.release.plan import RoleNeed
from workflows.domain.release.planning import compile_plan
from workflows.domain.spec import Catalog, Release

MATRIX = {
    "inputs": ["class", "risk", "dataClass"],
    "rules": [
        {"class": ["standard", "normal"], "risk": "low", "require": []},
        {
            "class": ["standard", "normal"],
            "risk": ["medium", "high", "unassessed"],
            "dataClass": ["public", "internal", "unclassified"],
            "require": [{"role": "sre", "count": 1}],
        },
        {
            "class": ["standard", "normal"],
            "risk": ["medium", "high", "unassessed"],
            "dataClass": ["confidential", "restricted"],
            "require": [{"role": "sre", "count": 2}, {"role": "product", "count": 1}],
        },
        {
            "class": "emergency",
            "require": [{"role": "sre", "count": 2}],
            "retrospective": "3d",
        },
    ],
}


@pytest.fixture
def documents():
    """A release of two services into staging, which is not guarded, and into production."""
    release = Release.model_validate(
        a_release(
            a_service("checkout"), a_service("payments"), environments=("staging", "production")
        )
    )
    catalog = a_catalog(gated=True)
    catalog["policies"]["guarded"] = {"identity": "asserted", "decisionMatrix": MATRIX}
    catalog["services"]["checkout"]["dataClass"] = "internal"
    catalog["services"]["payments"]["dataClass"] = "restricted"
    return release, Catalog.model_validate(catalog)


def ruled(documents, *, change_class="normal", risk="high"):
    release, catalog = documents
    plan = compile_plan("shop", release.spec, catalog)
    rows = tuple(rows_of(plan, catalog, change_class=change_class, risk=risk))
    return rows, gated(plan, rows, catalog)


def test_a_release_asks_for_what_its_most_closely_kept_data_asks_for(documents):
    rows, plan = ruled(documents)

    assert [(row.row, row.case.data_class) for row in rows] == [
        ("guarded#2", "internal"),
        ("guarded#3", "restricted"),
    ]
    (staging, production) = plan.stages
    assert staging.gate is None
    assert production.gate.rows == ("guarded#2", "guarded#3")
    assert production.gate.needs == (
        RoleNeed(role="sre", count=2),
        RoleNeed(role="product", count=1),
    )
    assert set(production.gate.people) == {"ana", "ben", "eve"}


def test_a_row_that_asks_nobody_leaves_no_gate(documents):
    rows, plan = ruled(documents, risk="low")

    assert {row.row for row in rows} == {"guarded#1"}
    assert plan.stages[1].gate is None


def test_a_policy_without_a_matrix_keeps_its_own_gate(documents):
    release, _ = documents
    catalog = Catalog.model_validate(a_catalog(gated=True))

    rows, plan = ruled((release, catalog))

    assert rows == ()
    assert plan.stages[1].gate.needs == (RoleNeed(role="sre", count=1),)
    assert plan.stages[1].gate.rows == ()


def test_a_case_that_nothing_decides_is_refused(documents):
    with pytest.raises(PolicyViolated, match="exactly one row must stand for class unheard"):
        ruled(documents, change_class="unheard")


@pytest.mark.parametrize(("state", "met"), [("reviewed", True), ("edited", False)])
def test_a_runbook_is_a_gate_that_comes_before_approval(state, met):
    ruling = RunbookRuling(
        environment="production",
        runbook="pay",
        title="Pay",
        author="ana",
        digest=build_of("run", "book"),
        state=state,
        why="edited since ben reviewed it",
        can_be_cleared_by=("ben",),
    )

    (gate,) = runbook_gates([ruling])

    assert (gate.gate, gate.met, gate.before_approval) == ("runbook", met, True)
    assert gate.reason == ("" if met else "edited since ben reviewed it")
    assert gate.cleared_by == ("ben",)
