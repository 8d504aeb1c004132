"""What a release may cost: crossing it turns back at once, and each weight fits what is left."""

import pytest

from tests.builders import (
    ERROR_RATE,
    a_catalog,
    a_release,
    a_service,
    an_order,
    analysis,
    build_of,
)
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.metrics import WatchCanary
from workflows.ports.traffic import ShiftTraffic
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
PAYMENTS = Target(service="payments", environment="production")
STEPS = ({"setWeight": 10}, analysis("30m"), {"setWeight": 100})
ANA = Command(by="ana", reason="it is worth it")


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")
    world.serve(PAYMENTS, "v1")


def with_budget(*services, **budget):
    release = a_release(*services)
    release["spec"]["rollback"] = {"harmBudget": budget}
    return release


def watches(world) -> list[WatchCanary]:
    return [ask for ask in world.metrics.asks if isinstance(ask, WatchCanary)]


def weights(world) -> list[int]:
    asks = (ask for ask in world.traffic.asks if isinstance(ask, ShiftTraffic))
    return [100 if ask.canary is None else ask.percent for ask in asks]


async def test_crossing_the_budget_turns_back_at_once_with_the_count(start, world):
    """A worsening that no statistic has shown yet: only the budget says stop."""
    world.metrics.baseline_errors[CHECKOUT] = world.metrics.error_ratio[CHECKOUT] = 0.02
    release = with_budget(failedRequests=25)
    started = await start(an_order(release, a_catalog(steps=STEPS)))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "harm budget: 26 failed requests, allowed 25" in outcome.reason
    status = await started.status()
    assert status.harm.failed_requests == 26
    assert status.exposure.harm_budget_left == 0


async def test_lost_orders_count_against_a_budget_of_their_own(start, world):
    conversion = {
        "name": "conversion",
        "type": "ratio",
        "numerator": {"series": "orders_total"},
        "denominator": {"series": "visits_total"},
        "direction": "decrease",
        "compare": {"tolerance": 0.5, "margin": 0.6},
    }
    world.metrics.figures[CHECKOUT] = {"orders_total": 0.9}
    release = with_budget(lost={"metric": "conversion", "amount": 120})

    started = await start(an_order(release, a_catalog(steps=STEPS, metrics=(conversion,))))
    outcome = await started.result()

    assert "harm budget: 150.0 lost of conversion, allowed 120" in outcome.reason
    assert (await started.status()).harm.lost == 150


async def test_the_next_weight_is_bounded_by_what_is_left_and_watched_first(start, world):
    release = with_budget(failedRequests=300)

    started = await start(an_order(release, a_catalog(steps=({"setWeight": 50}, *STEPS[1:]))))

    assert (await started.result()).phase == Phase.HEALTHY
    first, *_ = weights(world)
    assert 0 < first < 50
    assert weights(world)[-2:] == [50, 100]
    shares = [ask.rules.share.percent for ask in watches(world)]
    assert shares == [*weights(world)[:-2], 50]


async def test_where_nothing_is_left_a_person_decides_whether_to_spend_more(start, world):
    release = with_budget(failedRequests=0)
    started = await start(an_order(release, a_catalog(steps=STEPS)))

    status = await started.until_phase(Phase.HOLDING)
    (blocker,) = status.blocked_by
    assert blocker.gate == "harmBudget"
    assert "10%" in blocker.reason
    assert weights(world) == []

    await started.handle.signal(ReleaseWorkflow.promote, ANA)
    await started.until(lambda s: s.exposure.weight_asked == 10)
    await started.until(lambda s: [b.gate for b in s.blocked_by] == ["harmBudget"])
    await started.handle.signal(ReleaseWorkflow.promote, ANA)

    assert (await started.result()).phase == Phase.HEALTHY
    overrides = [e for e in world.recorded(started.handle.id) if e.action == "override"]
    assert [e.sentence for e in overrides] == ["go on past harmBudget"] * 2


async def test_what_one_service_costs_is_missing_to_the_next(start, world):
    """Each costs what nobody would turn back for; together it is too much."""
    for target in (CHECKOUT, PAYMENTS):
        world.metrics.baseline_errors[target] = world.metrics.error_ratio[target] = 0.02
    services = (a_service("payments"), a_service("checkout", after=("payments",)))
    lenient = {**ERROR_RATE, "compare": {"tolerance": 2, "margin": 5}}
    steps = ({"setWeight": 1}, *STEPS[1:])

    started = await start(
        an_order(
            with_budget(*services, failedRequests=85), a_catalog(steps=steps, metrics=(lenient,))
        )
    )
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert outcome.reason.startswith("checkout@production: harm budget")
    assert world.running(PAYMENTS) == {build_of("payments", "v1")}
    spent = [(ask.target, ask.rules.spent.failed_requests) for ask in watches(world)]
    assert spent[:3] == [(PAYMENTS, 0), (CHECKOUT, 30), (CHECKOUT, 60)]


async def test_what_is_left_is_on_the_page(start, world):
    world.metrics.baseline_errors[CHECKOUT] = world.metrics.error_ratio[CHECKOUT] = 0.02
    release = with_budget(failedRequests=100_000)

    started = await start(an_order(release, a_catalog(steps=STEPS)))
    await started.result()

    exposure = (await started.status()).exposure
    assert exposure.failed > 0
    assert exposure.harm_budget_left == 100_000 - exposure.failed
