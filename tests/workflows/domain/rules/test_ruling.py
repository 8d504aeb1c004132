"""What rules say about a release, and that whatever keeps them from saying it denies."""

import pytest

from tests.workflows.domain.rules.ruled import FILE, NOON, Silent, a_ruled_order, ruled
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.errors import PolicyViolated
from workflows.domain.rules.finding import Effect

STEEP = """deny contains msg if {
	some stage in input.plan.stages
	stage.environment == input.environment
	some promotion in stage.promotions
	promotion.weights[0] > 5
	msg := sprintf("%s begins with %d %%", [promotion.service, promotion.weights[0]])
}"""


def test_rules_are_asked_for_each_environment_that_their_policy_guards():
    (finding,) = ruled(STEEP).findings

    assert finding.effect is Effect.DENY
    assert str(finding) == "production: checkout begins with 10 % (rules/prod.rego:3)"
    assert finding.policy == "guarded"


def test_a_denial_is_part_of_the_ruling_and_its_reason():
    assert ruled(STEEP).denials == (
        "policy guarded denies production: checkout begins with 10 % (rules/prod.rego:3)",
    )


def test_a_warning_forbids_nothing():
    admission = ruled('warn contains "it is a Monday" if input.environment == "production"')

    assert admission.denials == ()
    assert [f.effect for f in admission.findings] == [Effect.WARN]


def test_rules_may_ask_for_a_role_besides():
    admission = ruled(
        'require contains {"role": "product", "msg": "a new price list"} if true', needs=SRE
    )

    (_, production) = admission.plan.stages
    assert [(n.role, n.count) for n in production.gate.needs] == [("sre", 1), ("product", 1)]
    assert production.gate.people["eve"] == ("product",)


SRE = ({"role": "sre", "count": 1},)


def test_a_gate_only_grows_by_rules():
    admission = ruled('require contains {"role": "sre", "count": 2, "msg": "two"}', needs=SRE)

    assert [(n.role, n.count) for n in admission.plan.stages[1].gate.needs] == [("sre", 2)]
    fewer = ruled(
        'require contains {"role": "sre", "msg": "one"}', needs=({"role": "sre", "count": 2},)
    )
    assert [(n.role, n.count) for n in fewer.plan.stages[1].gate.needs] == [("sre", 2)]


def test_a_role_that_nobody_holds_is_a_gate_that_cannot_open():
    with pytest.raises(PolicyViolated, match="1 of role lawyer"):
        ruled('require contains {"role": "lawyer", "msg": "a contract"}')


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("deny contains msg {", "its rules cannot be evaluated: `if` keyword is required"),
        ("deny contains 1 / 0", "its rules cannot be evaluated: divide by zero"),
        (
            "deny := 1 if input.at == 3",
            "its rules cannot be evaluated: lockgate.deny is undefined",
        ),
        ("allow := true", "its rules cannot be evaluated: package lockgate defines none of"),
        ('deny contains "x" if input.enviroment', "reads input.enviroment, which no input has"),
        ('deny contains "x" if http.send({})', "calls http.send, which no rule may"),
        ("deny contains 7", "deny holds 7; expected a text"),
        ('require contains "security"', "require holds security; expected"),
        ('require contains {"role": "sre", "count": 0, "msg": "x"}', "expected"),
        ('deny contains "x" if count(numbers.range(1, 1000000000)) > 1', "ran out of memory"),
    ],
)
def test_rules_that_cannot_be_evaluated_deny_with_their_error(rules, message):
    admission = ruled(rules)

    assert message in admission.denials[0]
    assert all(finding.broken for finding in admission.findings)


def test_without_an_engine_or_with_one_that_talks_nonsense_rules_deny():
    order = a_ruled_order('warn contains "x"')

    (denial,) = admit(order, Facts(at=NOON)).denials
    assert "nothing here evaluates rules" in denial
    (denial,) = admit(order, Facts(at=NOON), Silent("?")).denials
    assert "answer cannot be read" in denial


def test_a_file_that_did_not_travel_denies():
    (denial,) = ruled("", carried=False).denials

    assert f"does not carry the files {FILE}" in denial


def test_a_rule_that_goes_by_what_nobody_assessed_denies():
    """It would not fire, and what it should deny would pass."""
    (finding,) = ruled('deny contains "x" if count(input.facts.reviews.reviews) < 2').findings

    assert finding.unassessed == "facts.reviews"
    assert finding.message == "its rules go by input.facts.reviews, which nobody assessed"
    assert finding.place == "rules/prod.rego:3"


def test_a_rule_may_say_itself_what_becomes_of_the_unassessed():
    rules = """warn contains "not reviewed" if input.facts.reviews == null
    deny contains "x" if count(input.facts.reviews.reviews) < 2"""

    assert [f.message for f in ruled(rules).findings] == ["not reviewed"]


def test_rules_on_trial_only_warn():
    admission = ruled(STEEP, severity="warn")

    assert admission.denials == ()
    assert admission.findings[0].message == ("on trial, would deny: checkout begins with 10 %")
    asks = ruled('require contains {"role": "product", "msg": "x"}', severity="warn")
    assert len(asks.plan.stages[1].gate.needs) == 1


def test_the_same_rules_over_the_same_facts_rule_the_same():
    assert ruled(STEEP) == ruled(STEEP)


def test_what_is_decided_on_changes_with_what_rules_say():
    quiet, loud = ruled('warn contains "x" if false'), ruled('warn contains "x"')

    assert quiet.rules_digest != loud.rules_digest
    assert quiet.decision_digest != loud.decision_digest


def test_a_front_door_without_facts_asks_no_rules():
    assert admit(a_ruled_order(STEEP)).findings == ()
