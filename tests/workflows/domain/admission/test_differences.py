from tests.builders import CANARY, a_catalog, a_release, a_service, an_order
from tests.workflows.domain.facts_of import a_change, facts_of
from workflows.domain.admission.admission import admit
from workflows.domain.admission.differences import differences
from workflows.domain.gates.gates import GateRuling
from workflows.domain.risk.facts import ChangeFacts


def admitted(version="v2", **catalog):
    return admit(an_order(a_release(a_service("checkout", version)), a_catalog(**catalog)))


def with_gate(admission, **changes):
    fields = {"environment": "production", "gate": "tests", "met": True}
    return admission.model_copy(update={"gates": (GateRuling(**fields | changes),)})


def test_another_build_is_named_with_the_one_before():
    (said,) = differences(admitted("v2"), admitted("v3"))

    assert said.startswith("checkout@production: checkout v3 (")
    assert ", before checkout v2 (" in said


def test_other_steps_and_other_approvers_are_named():
    before = admitted(gated=True)
    after = admitted(gated=True, steps=CANARY[:2] + CANARY[-1:], needs=({"role": "product"},))

    steps, asked = differences(before, after)

    assert steps.startswith("checkout@production: steps: [")
    assert asked == "production asks for product x 1"


def test_evidence_that_says_something_else_is_named():
    before = with_gate(admitted(), evidence=("sha256:aa",))
    after = with_gate(admitted(), met=False, reason="3 tests failed", evidence=("sha256:bb",))

    assert differences(before, after) == (
        "tests of production: 3 tests failed, by sha256:bb; before: held",
    )
    assert differences(admitted(), after) == ("tests of production: 3 tests failed",)


def test_another_row_of_the_matrix_is_named_with_its_case():
    def by_matrix(risk):
        catalog = a_catalog(gated=True)
        rule = {"require": [{"role": "sre", "count": 1}]}
        rules = [{"risk": "unassessed", **rule}, {"risk": ["low", "medium", "high"], **rule}]
        catalog["policies"]["guarded"] = {"decisionMatrix": {"inputs": ["risk"], "rules": rules}}
        admission = admit(an_order(catalog=catalog))
        (row,) = admission.rows
        case = row.case.model_copy(update={"risk": risk})
        moved = row.model_copy(update={"case": case, "row": f"guarded#{risk}"})
        return admission.model_copy(update={"rows": (moved,)})

    (said,) = differences(by_matrix("unassessed"), by_matrix("high"))

    assert said == (
        "production goes by row guarded#high (class normal, risk high), before by "
        "guarded#unassessed (class normal, risk unassessed)"
    )


def test_something_is_always_named():
    """Votes were voided: whoever cast them is owed a reason, however small."""
    assert differences(admitted(), admitted()) == ("the decision digest",)


def test_somebody_who_turns_out_to_have_written_it_is_named():
    """Their approval is void, and so is everybody's: they approved a change of other authors."""
    catalog = a_catalog(gated=True)
    catalog["people"]["ana"]["accounts"]["git"] = ["ana@acme.example"]
    order = an_order(catalog=catalog)

    before = admit(order, facts_of())
    after = admit(order, facts_of(change=ChangeFacts(sources=(a_change("ana@acme.example"),))))

    told = differences(before, after)
    assert "production: ana wrote a part of the change of checkout and cannot decide on it" in told
    assert before.decision_digest != after.decision_digest


def test_a_class_that_was_raised_is_named():
    before = admit(an_order(), facts_of())
    raised = before.change_class.model_copy(update={"change_class": "emergency"})
    after = before.model_copy(update={"change_class": raised})

    assert differences(before, after) == (
        f"class change_class: {before.change_class.change_class} became emergency",
    )
