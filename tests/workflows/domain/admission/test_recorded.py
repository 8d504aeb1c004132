"""Rulings as they are kept, to be made again later."""

from infra.rego.process import RegoProcess
from tests.workflows.domain.rules.ruled import NOON, a_ruled_order
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.admission.recorded import RecordedDecision, Verdict, entry_of, too_large

STEEP = 'deny contains "steep" if input.plan.stages[0].promotions[0].weights[0] > 5'
QUIET = 'warn contains "steep" if input.plan.stages[0].promotions[0].weights[0] > 5'


def a_decision(rules=QUIET, *, at=NOON, release="release/shop/abc", name="shop"):
    order, facts = a_ruled_order(rules, name=name), Facts(at=at)
    admission = admit(order, facts, RegoProcess())
    return RecordedDecision(release=release, order=order, facts=facts, admission=admission)


def test_a_ruling_that_is_made_again_from_what_was_kept_is_the_same():
    """Also after a way through JSON, as the ledger keeps it."""
    kept = RecordedDecision.model_validate_json(a_decision().model_dump_json())

    assert admit(kept.order, kept.facts, RegoProcess()) == kept.admission
    assert kept.digest == a_decision().digest


def test_its_address_is_that_of_all_that_it_goes_by():
    other = a_decision('warn contains "another"')

    assert other.digest != a_decision().digest
    assert other.admission.rules_digest != a_decision().admission.rules_digest


def test_a_denial_is_kept_as_one():
    assert a_decision(STEEP).verdict is Verdict.DENIED
    assert entry_of(a_decision()).verdict is Verdict.ADMITTED


def test_what_temporal_could_not_carry_is_named_before_it_is_sent():
    decision = a_decision()
    order = decision.order.model_copy(update={"catalog": {"files": {"a": "x" * 2_000_000}}})

    assert too_large(decision) is None
    assert "at most 1900000 can be kept" in too_large(decision.model_copy(update={"order": order}))
