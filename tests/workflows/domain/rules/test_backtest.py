"""Recorded rulings under changed policies: newly denied, newly allowed, asking others."""

import pytest

from infra.rego.process import RegoProcess
from tests.workflows.domain.admission.test_recorded import QUIET, STEEP, a_decision
from tests.workflows.domain.rules.ruled import FILE, a_ruled_catalog
from workflows.domain.rules.backtest import Shift, backtest, tally, under
from workflows.domain.spec import Catalog

OLD = 'deny contains "old" if input.release.spec.change.ticket == null'


def shifted(before, after, **catalog):
    rules = Catalog.model_validate(a_ruled_catalog(after, **catalog))
    return backtest(a_decision(before), rules, RegoProcess(), outcome="Healthy")


@pytest.mark.parametrize(
    ("before", "after", "shift"),
    [
        (QUIET, QUIET, Shift.SAME),
        (QUIET, STEEP, Shift.NEWLY_DENIED),
        (STEEP, QUIET, Shift.NEWLY_ALLOWED),
        (STEEP, STEEP, Shift.SAME),
        (QUIET, 'require contains {"role": "product", "msg": "x"}', Shift.ASKS_OTHERS),
        (QUIET, "deny contains x {", Shift.NEWLY_DENIED),
    ],
)
def test_a_ruling_shifts_as_the_rules_do(before, after, shift):
    assert shifted(before, after).shift is shift


def test_it_says_why_and_how_the_release_ended():
    denied = shifted(QUIET, STEEP)

    assert denied.reasons == (f"policy guarded denies production: steep ({FILE}:3)",)
    assert denied.outcome == "Healthy"
    assert shifted(STEEP, QUIET).reasons == denied.reasons, "what was denied then"


def test_it_says_who_would_have_to_approve():
    found = shifted(QUIET, 'require contains {"role": "product", "msg": "x"}')

    assert found.asked == ("production: sre x 1",)
    assert found.asks == ("production: sre x 1", "production: product x 1")


def test_a_gate_that_nobody_could_open_any_more_denies():
    found = shifted(QUIET, QUIET, needs=({"role": "sre", "count": 9},))

    assert found.shift is Shift.NEWLY_DENIED
    assert "needs 9 of role 'sre'" in found.reasons[0]


def test_a_policy_that_is_not_there_any_more_rules_as_it_did():
    assert backtest(a_decision(STEEP), Catalog(), RegoProcess()).shift is Shift.SAME


def test_documents_that_are_no_rules_stay_as_they_were():
    order = a_decision().order
    rules = Catalog.model_validate(a_ruled_catalog(STEEP, services=("another",)))

    changed = under(order, rules)

    assert changed.catalog["services"] == order.catalog["services"]
    assert changed.catalog["files"] != order.catalog["files"]
    assert changed.catalog_digest != order.catalog_digest


def test_rulings_are_counted_by_how_they_shift():
    counts = tally([shifted(QUIET, STEEP), shifted(QUIET, QUIET)])

    assert (counts[Shift.NEWLY_DENIED], counts[Shift.SAME]) == (1, 1)
