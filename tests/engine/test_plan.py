"""`lockgate plan` asks real workers, over a real Temporal, what the targets serve."""

from datetime import timedelta

import pytest

from starters.planning import measuring
from starters.planning.measuring import measured
from starters.planning.plan_view import plan_as_text
from starters.planning.preview import Preview
from tests.builders import an_order, build_of
from workflows.domain.admission.admission import admit
from workflows.domain.values import Target
from workflows.ports.metrics import MeasureTraffic

CHECKOUT = Target(service="checkout", environment="production")


@pytest.fixture
def plan():
    return admit(an_order()).plan


async def test_traffic_is_measured_of_what_the_target_serves(client, worker, world, plan):
    world.serve(CHECKOUT, "v1")

    found = await measured(client, plan.promotions)

    assert found[str(CHECKOUT)].traffic.rps == pytest.approx(5000 / 600)
    (ask,) = world.metrics.asks
    assert isinstance(ask, MeasureTraffic)
    assert ask.version == build_of("checkout", "v1")
    admission = admit(an_order())
    preview = Preview(order=an_order(), admission=admission, start="x", measured=found)
    text = plan_as_text(preview)
    assert "checkout  serves" in text
    assert "canary requests: 10 % of" in text


async def test_a_target_that_serves_nothing_is_told(client, worker, plan):
    found = await measured(client, plan.promotions)

    assert found[str(CHECKOUT)].first


async def test_a_source_that_is_down_is_told(client, worker, world, plan):
    world.serve(CHECKOUT, "v1")
    world.metrics.down = True

    found = await measured(client, plan.promotions)

    assert found[str(CHECKOUT)].why_not == "the metric source is down"


async def test_without_a_worker_the_plan_waits_no_longer_than_a_person_would(
    client, queue, plan, monkeypatch
):
    monkeypatch.setattr(measuring, "_TAKEN_WITHIN", timedelta(milliseconds=200))

    found = await measured(client, plan.promotions)

    assert found[str(CHECKOUT)].why_not == (
        f"no worker answers on the queue `{queue}`: `lockgate doctor`"
    )
