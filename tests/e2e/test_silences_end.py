"""Expected alerts are silent while a version is shifted, and not a moment longer."""

import os
import signal
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from infra.local import stack
from infra.local.supervision import Supervisor
from starters.steering import Word
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop, until
from tests.e2e.release_files import EXPECTED_ALERT
from workflows.domain.release.phase import Phase


async def test_silences_end_without_any_worker_and_after_an_abort(shop: LiveShop):
    if shop.site.monitoring is None:
        pytest.skip("no Alertmanager here")
    before, home = shop.serving(), shop.site.home

    async def active() -> list[dict[str, Any]]:
        return _active(shop)

    release = await shop.release("silenced", {"checkout": shop.other_good("checkout")})
    await release.until_canary()
    await release.tell(Word.HOLD)
    (silence,) = await until(active, bool)
    _kill_for_good(shop, "worker")
    await until(active, lambda left: not left)
    ended = datetime.now(UTC)
    stack.restart(home, "worker")
    held_again = await until(active, bool)
    await release.tell(Word.ABORT)
    outcome = await release.ended()
    left = await until(active, lambda left: not left)

    matched = {one["name"]: one["value"] for one in silence["matchers"]}
    assert matched["alertname"] == EXPECTED_ALERT
    assert (matched["service"], matched["environment"]) == ("checkout", "production")
    assert ended >= datetime.fromisoformat(silence["startsAt"])
    assert len(held_again) == 1
    assert outcome.phase is Phase.CANCELLED
    assert left == []
    assert shop.serving() == before
    await assert_at_rest(shop, release)


def _active(shop: LiveShop) -> list[dict[str, Any]]:
    told = httpx.get(f"{shop.site.url('alertmanager')}/api/v2/silences", trust_env=False).json()
    return [one for one in told if one["status"]["state"] == "active"]


def _kill_for_good(shop: LiveShop, component: str) -> None:
    """SIGKILL to every process of it, and none comes back until it is told to."""
    supervisor = Supervisor(shop.site.home)
    os.kill(supervisor.processes()[component].pid, signal.SIGKILL)
    supervisor.stop([component])
