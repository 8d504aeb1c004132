"""A route that says one share and serves another: caught by what is measured, and turned back."""

import json

from activities.files import replace_file
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop
from workflows.domain.phase import Phase


async def test_a_share_that_is_not_served_is_caught_and_turned_back(shop: LiveShop):
    """The header route and what the release wrote down of itself are left as they were."""
    before = shop.serving()
    routes = shop.site.home.envoy("production") / "rds-checkout.json"

    release = await shop.release("lied-to", {"checkout": shop.other_good("checkout")})
    await release.until_canary()
    told = json.loads(routes.read_text())
    shares = _shares(told)
    canary = min(shares, key=lambda share: share["weight"])
    stable = max(shares, key=lambda share: share["weight"])
    canary["weight"], stable["weight"] = 1, canary["weight"] + stable["weight"] - 1
    replace_file(routes, json.dumps(told))
    outcome = await release.ended()

    assert outcome.phase is Phase.ROLLED_BACK
    assert "the router does not serve its weight" in outcome.reason
    assert shop.serving() == before
    await assert_at_rest(shop, release)


def _shares(told: dict) -> list[dict]:
    (host,) = told["resources"][0]["virtual_hosts"]
    actions = [route["route"] for route in host["routes"] if "route" in route]
    (weighted,) = [action for action in actions if "weighted_clusters" in action]
    return weighted["weighted_clusters"]["clusters"]
