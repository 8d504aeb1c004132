"""A flag is set on the way up; when the version goes back, so does the flag, and first."""

import json
import time
from typing import Any

from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop, until
from tests.e2e.release_files import FLAG
from workflows.domain.release.phase import Phase
from workflows.domain.values import arm_name


async def test_a_flag_that_was_set_goes_back_before_the_code_does(shop: LiveShop, record_property):
    before, flag_before = shop.serving(), _flag(shop)
    routes = shop.site.home.envoy("production") / "rds-checkout.json"

    release = await shop.release(
        "flagged",
        {"checkout": "v8"},
        strategy="flagged",
        flags=({"key": FLAG, "phases": {"tried": "canary-only"}},),
    )
    await release.until(lambda status: status.exposure.weight_asked == 25)
    exposed, flag_during = time.monotonic(), _flag(shop)
    (view,) = (await release.status()).targets
    arm = arm_name("checkout", view.artifact.digest)

    async def routed() -> str:
        return routes.read_text()

    await until(routed, lambda text: arm not in text)
    seconds = time.monotonic() - exposed
    outcome = await release.ended()

    record_property("seconds_from_first_bad_request_to_no_canary_traffic", seconds)
    print(f"from the first bad request to no traffic on it: {seconds:.2f} s")  # noqa: T201
    assert arm in json.dumps(flag_during["targeting"])
    assert _flag(shop) == flag_before
    assert outcome.phase is Phase.ROLLED_BACK
    methods = [undone.undo.method for undone in outcome.undone if undone.failure is None]
    assert methods.index("restore_flag") < methods.index("withdraw_version")
    assert shop.serving() == before
    await assert_at_rest(shop, release)


def _flag(shop: LiveShop) -> dict[str, Any]:
    """The flag's definition without who set it."""
    told = json.loads(shop.site.home.flags("production").read_text())["flags"][FLAG]
    return {key: told.get(key) for key in ("state", "variants", "defaultVariant", "targeting")}
