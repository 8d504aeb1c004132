"""A version that fails every order is found by a journey, before any customer has met it."""

import json

from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop
from workflows.domain.release.phase import Phase


async def test_a_journey_that_fails_on_the_canary_alone_turns_back_before_users(shop: LiveShop):
    before = shop.serving()

    release = await shop.release("untried", {"checkout": "v8"}, strategy="tried")
    outcome = await release.ended()

    assert outcome.phase is Phase.ROLLED_BACK
    assert "journey order" in outcome.reason
    assert outcome.exposure.requests == 0
    printed = shop.lockgate("events", release.name, "-o", "json")
    entries = [json.loads(line)["entry"] for line in printed.stdout.splitlines()]
    shifts = [e["sentence"] for e in entries if e["action"] == "shift_traffic"]
    assert len(shifts) == 1, f"the header route and no share; found {shifts}"
    assert shop.serving() == before
    await assert_at_rest(shop, release)
