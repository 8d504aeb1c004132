"""Prometheus dies in the middle of a stage, or is not there at all: no verdict is made up."""

from collections.abc import Iterator

import pytest

from infra.local import stack
from infra.local.supervision import Supervisor
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop
from workflows.domain.release.phase import Phase


@pytest.fixture
def metered(shop: LiveShop) -> Iterator[LiveShop]:
    """A shop whose metrics are in Prometheus, which runs again after the test."""
    if shop.site.monitoring is None:
        pytest.skip("no Prometheus here")
    yield shop
    stack.restart(shop.site.home, "prometheus")


async def test_a_killed_prometheus_turns_no_good_version_back(metered: LiveShop):
    version = metered.other_good("checkout")

    release = await metered.release("prometheus-killed", {"checkout": version})
    await release.until_canary()
    metered.kill("prometheus")
    outcome = await release.ended()

    assert outcome.phase is Phase.HEALTHY
    assert metered.serves("checkout") == version
    await assert_at_rest(metered, release)


async def test_a_stage_without_metrics_is_held_and_then_turned_back(metered: LiveShop):
    before = metered.serving()

    release = await metered.release(
        "unmeasured", {"checkout": metered.other_good("checkout")}, strategy="impatient"
    )
    await release.until_canary()
    Supervisor(metered.site.home).stop(["prometheus"])
    held = await release.until_phase(Phase.HOLDING)
    outcome = await release.ended()

    (blocker,) = held.blocked_by
    assert blocker.gate == "analysis"
    assert "providerError" in blocker.reason
    assert blocker.clears_at is not None
    assert held.exposure.weight_asked == 25
    assert outcome.phase is Phase.ROLLED_BACK
    assert "no pass within the step's time" in outcome.reason
    assert metered.serving() == before
    await assert_at_rest(metered, release)
