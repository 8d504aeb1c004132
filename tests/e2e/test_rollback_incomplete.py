"""What cannot be undone is named, found by a search, left alone, and settled by `retry`."""

import json
from pathlib import Path

import httpx

from activities.files import replace_file
from starters.exit_codes import ExitCode
from starters.steering import Word
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop, until
from workflows.domain.release.phase import Phase


async def test_a_change_by_hand_is_left_alone_until_it_is_repaired(shop: LiveShop):
    before = shop.serving()
    routes = shop.site.home.envoy("production") / "rds-checkout.json"

    release = await shop.release("by-hand", {"checkout": shop.other_good("checkout")})
    await release.until_canary()
    await release.tell(Word.HOLD)
    await release.until_phase(Phase.HOLDING)
    written = routes.read_text()
    by_hand = _with_canary_at(40, written)
    await _put(shop, routes, by_hand)
    await release.tell(Word.ABORT)
    stuck = await release.until_phase(Phase.ROLLBACK_INCOMPLETE)
    status = shop.lockgate("status", release.name)
    listed = shop.lockgate("list", "--phase", "RollbackIncomplete", "-o", "json")
    untouched = routes.read_text() == by_hand
    await _put(shop, routes, written)
    retried = shop.lockgate("retry", release.name, "--by", "ana", "--reason", "put it back")
    outcome = await release.ended()

    (route, removal) = stuck.rollback.differences
    assert "Diverged" in route.failure
    assert "checkout" in route.failure
    assert removal.failure.startswith("not tried, because this failed")
    assert untouched
    assert status.returncode == ExitCode.ROLLBACK_INCOMPLETE, status.stdout + status.stderr
    assert [found["release"] for found in json.loads(listed.stdout)] == [release.id]
    assert retried.returncode == ExitCode.OK, retried.stderr
    assert outcome.phase is Phase.CANCELLED
    assert shop.serving() == before
    await assert_at_rest(shop, release)


async def _put(shop: LiveShop, file: Path, text: str) -> None:
    """Change Envoy's routes as a person with an editor does, and wait until they are served."""
    replace_file(file, text)
    wanted = json.loads(text)["version_info"]
    await until(lambda: _served_routes(shop), lambda versions: wanted in versions)


async def _served_routes(shop: LiveShop) -> set[str]:
    admin = shop.site.url("envoy-production-admin")
    asked = {"resource": "dynamic_route_configs"}
    async with httpx.AsyncClient(trust_env=False) as client:
        dump = (await client.get(f"{admin}/config_dump", params=asked)).json()
    return {config.get("version_info", "") for config in dump["configs"]}


def _with_canary_at(percent: int, file: str) -> str:
    """The same routes with other shares, as somebody might write them who is in a hurry."""
    told = json.loads(file)
    told["version_info"] = "by hand"
    for route in told["resources"][0]["virtual_hosts"][0]["routes"]:
        for share, weight in zip(_shares(route), (percent, 100 - percent), strict=False):
            share["weight"] = weight
    return json.dumps(told)


def _shares(route: dict) -> list[dict]:
    return route["route"].get("weighted_clusters", {}).get("clusters", [])
