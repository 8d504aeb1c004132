"""An alert that fires during a shift: Alertmanager, the door, Temporal and Envoy of the stack."""

import time

import pytest

from tests.contract.alerting import fire, resolve
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop, until
from workflows.domain.release.phase import Phase
from workflows.domain.values import arm_name


async def test_a_firing_alert_takes_the_traffic_off_the_new_version(
    shop: LiveShop, record_property
):
    if shop.site.monitoring is None:
        pytest.skip("no Alertmanager here")
    before = shop.serving()
    release = await shop.release("alerted", {"checkout": shop.other_good("checkout")})
    (view,) = (await release.until_canary()).targets
    arm = arm_name("checkout", view.artifact.digest)
    routes = shop.site.home.envoy("production") / "rds-checkout.json"
    assert arm in routes.read_text()

    alertmanager = shop.site.url("alertmanager")
    labels = {
        "alertname": "OrdersLost",
        "severity": "page",
        "environment": "production",
        "service": "checkout",
        "arm": arm,
    }
    fire(alertmanager, annotations={"summary": "orders get lost"}, **labels)
    fired = time.monotonic()

    async def routed() -> str:
        return routes.read_text()

    await until(routed, lambda text: arm not in text)
    seconds = time.monotonic() - fired
    outcome = await release.ended()
    # While it fires it would turn back the next release of this version as well.
    resolve(alertmanager, **labels)

    record_property("seconds_from_alert_to_no_canary_traffic", seconds)
    print(f"from the alert to no traffic on the new version: {seconds:.2f} s")  # noqa: T201
    assert outcome.phase is Phase.ROLLED_BACK
    assert "OrdersLost: orders get lost" in outcome.reason
    assert shop.serving() == before
    await assert_at_rest(shop, release)
