"""Rules in Rego, asked by a release before it touches anything."""

from infra.rego.process import RegoProcess
from tests.builders import build_of
from tests.workflows.domain.rules.ruled import a_ruled_order
from workflows.domain.admission.admission import admit
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target

CHECKOUT = Target(service="checkout", environment="production")


async def test_a_release_that_rules_deny_ends_denied_and_touches_nothing(start, world):
    world.serve(CHECKOUT, "v1")
    started = await start(a_ruled_order('deny contains "not today"', environments=("production",)))

    outcome = await started.result()

    assert outcome.phase == Phase.DENIED
    assert "not today (rules/prod.rego:3)" in outcome.reason
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}
    noted = [entry for entry in world.recorded(started.handle.id) if entry.action == "policy"]
    assert [(entry.outcome, "not today" in entry.detail) for entry in noted] == [("denied", True)]


async def test_a_role_that_rules_ask_for_is_waited_for(start, world):
    world.serve(CHECKOUT, "v1")
    asks = 'require contains {"role": "product", "msg": "a new price list"}'
    started = await start(a_ruled_order(asks, environments=("production",)))

    status = await started.until_phase(Phase.AWAITING_APPROVAL)

    assert any("product" in blocker.reason for blocker in status.blocked_by)


async def test_every_ruling_is_kept_with_all_that_it_went_by(start, world):
    world.serve(CHECKOUT, "v1")
    order = a_ruled_order('deny contains "not today"', environments=("production",))
    started = await start(order)
    await started.result()

    (kept,) = world.decision_log.kept.values()

    assert (kept.release, kept.order, kept.verdict) == (started.handle.id, order, "denied")
    assert admit(kept.order, kept.facts, RegoProcess()) == kept.admission
