from datetime import timedelta

from workflows.domain.gates.gates import GateTerms, WaiverRule, gate_terms, terms_of, waiver_rule
from workflows.domain.spec.policy import PersonSpec, PolicySpec

PEOPLE = {
    "ana": PersonSpec(roles=("sre", "security")),
    "ben": PersonSpec(roles=("sre",)),
    "eve": PersonSpec(roles=("product",)),
}
HOUR = timedelta(hours=1)


def terms(**gate):
    policy = PolicySpec.model_validate(
        {
            "approvals": {"require": [{"role": "sre"}], "expireAfter": "1h"},
            "gates": [{"name": "tests", **gate}],
        }
    )
    return gate_terms(policy, PEOPLE)[0]


def test_terms_are_as_the_policy_writes_them():
    found = terms(
        advisory=True,
        timeout="30m",
        every="5m",
        stableFor="10m",
        owner="sre",
        escalateTo=[{"role": "sre", "after": "1h"}],
        waiver={"roles": ["security", "sre"], "approvers": 3, "atMost": "2h"},
    )

    assert (found.advisory, found.timeout, found.every) == (True, HOUR / 2, HOUR / 12)
    assert (found.stable_for, found.owner) == (HOUR / 6, "sre")
    assert [str(level) for level in found.escalation.levels] == ["sre (ana, ben)"]
    assert found.waiver == WaiverRule(
        approvers=3, people={"ana": ("sre", "security"), "ben": ("sre",)}, at_most=2 * HOUR
    )


def test_a_gate_stays_closed_as_long_as_approvals_are_waited_for_unless_it_says_otherwise():
    assert terms().timeout == HOUR


def test_without_a_waiver_nobody_may_waive():
    assert terms().waiver is None


def test_a_gate_that_no_policy_names_waits_by_default():
    assert terms_of((), "sbom", timeout=HOUR) == GateTerms(gate="sbom", timeout=HOUR)
    assert terms_of((terms(every="5m"),), "tests", timeout=None).every == HOUR / 12


def test_a_waiver_takes_two_people_by_default():
    assert waiver_rule(["security"], PEOPLE) == WaiverRule(
        approvers=2, people={"ana": ("security",)}, at_most=timedelta(days=1)
    )
