"""A route that says one share and serves another: caught by what is measured, and reported."""

import json
from pathlib import Path

import httpx

from activities.files import replace_file
from starters.steering import Word
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop, until
from workflows.domain.release.phase import Phase


async def test_a_share_that_is_not_served_is_caught_and_turned_back(shop: LiveShop):
    """Somebody changes the weights alone: what the release wrote down of itself stays there.

    The measured share ends the stage. The route is then another one than the release had set, so
    a person puts it back before the rollback goes on.
    """
    before = shop.serving()
    routes = shop.site.home.envoy("production") / "rds-checkout.json"

    release = await shop.release("lied-to", {"checkout": shop.other_good("checkout")})
    await release.until_canary()
    written = routes.read_text()
    await _serve(shop, routes, _with_shares(written, least=1))
    caught = await release.until_phase(Phase.ROLLBACK_INCOMPLETE)
    await _serve(shop, routes, written)
    await release.tell(Word.RETRY)
    outcome = await release.ended()

    assert "the router does not serve its weight" in caught.reason
    assert any("Diverged" in (undone.failure or "") for undone in caught.rollback.differences)
    assert outcome.phase is Phase.ROLLED_BACK
    assert shop.serving() == before
    await assert_at_rest(shop, release)


async def _serve(shop: LiveShop, file: Path, text: str) -> None:
    """Replace Envoy's routes as a person with an editor does, and wait until they are in force."""
    wanted = _weights(json.loads(text)["resources"][0])
    replace_file(file, text)
    await until(lambda: _served(shop), lambda weights: weights == wanted)


async def _served(shop: LiveShop) -> list[int]:
    admin = shop.site.url("envoy-production-admin")
    asked = {"resource": "dynamic_route_configs"}
    async with httpx.AsyncClient(trust_env=False) as client:
        dump = (await client.get(f"{admin}/config_dump", params=asked)).json()
    configs = (entry["route_config"] for entry in dump["configs"])
    return next(_weights(config) for config in configs if config["name"] == "checkout")


def _weights(config: dict) -> list[int]:
    return [share["weight"] for share in _shares(config)]


def _shares(config: dict) -> list[dict]:
    routes = (
        route.get("route", {}) for host in config["virtual_hosts"] for route in host["routes"]
    )
    return [share for r in routes for share in r.get("weighted_clusters", {}).get("clusters", [])]


def _with_shares(text: str, *, least: int) -> str:
    """The same routes, of which the smaller share is *least*."""
    told = json.loads(text)
    smaller, larger = sorted(_shares(told["resources"][0]), key=lambda share: share["weight"])
    smaller["weight"], larger["weight"] = least, smaller["weight"] + larger["weight"] - least
    return json.dumps(told)
