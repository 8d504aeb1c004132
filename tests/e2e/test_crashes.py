"""kill -9 of worker, server, proxy and vault in the middle of a stage: the release ends well."""

from infra.local import stack
from starters.steering import Word
from tests.e2e.at_rest import ask_vault, assert_at_rest
from tests.e2e.live_shop import LiveShop
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Progress


async def test_a_release_outlives_a_killed_worker(shop: LiveShop):
    version = shop.other_good("checkout")

    release = await shop.release("worker-killed", {"checkout": version})
    await release.until_canary()
    shop.kill("worker")
    outcome = await release.ended()

    assert outcome.phase is Phase.HEALTHY
    assert shop.serves("checkout") == version
    await assert_at_rest(shop, release)


async def test_a_killed_worker_changes_no_verdict(shop: LiveShop):
    """As in test_a_bad_version_goes_back_by_itself: the watch goes on where it was."""
    before = shop.serving()

    release = await shop.release("verdict-killed", {"checkout": "v4"}, strategy="watched")
    seen = await release.until(lambda status: status.exposure.requests > 0)
    shop.kill("worker")
    outcome = await release.ended()

    assert outcome.phase is Phase.ROLLED_BACK
    assert "latency" in outcome.reason
    assert outcome.exposure.requests > seen.exposure.requests
    assert shop.serving() == before
    await assert_at_rest(shop, release)


async def test_a_rollback_outlives_a_killed_worker(shop: LiveShop):
    before = shop.serving()

    release = await shop.release("rollback-killed", {"payments": shop.other_good("payments")})
    await release.until_canary()
    await release.tell(Word.ABORT)
    await release.until_phase(Phase.ROLLING_BACK)
    shop.kill("worker")
    outcome = await release.ended()

    assert outcome.phase is Phase.CANCELLED
    assert outcome.undone
    assert [undone for undone in outcome.undone if undone.failure] == []
    assert shop.serving() == before
    await assert_at_rest(shop, release)


async def test_a_release_outlives_a_killed_server(shop: LiveShop):
    version = shop.other_good("checkout")

    release = await shop.release("server-killed", {"checkout": version})
    await release.until_canary()
    shop.kill("temporal")
    outcome = await release.ended()

    assert outcome.phase is Phase.HEALTHY
    assert shop.serves("checkout") == version
    await assert_at_rest(shop, release)


async def test_a_release_waits_for_a_sealed_vault(shop: LiveShop):
    """The data checks need a lease: without the vault the release waits at 100 %."""
    version = shop.other_good("inventory")

    release = await shop.release("vault-sealed", {"inventory": version})
    await release.until_canary(50)
    sealed = ask_vault(shop, "PUT", "sys/seal")
    waiting = await release.until(lambda status: status.targets[0].progress is Progress.VERIFYING)
    await release.until_retrying("check_data")
    stack.restart(shop.site.home, "openbao")
    outcome = await release.ended()

    assert sealed.is_success, sealed.text
    assert waiting.phase is Phase.PROGRESSING
    assert outcome.phase is Phase.HEALTHY
    assert shop.serves("inventory") == version
    await assert_at_rest(shop, release)


async def test_a_release_does_not_take_a_restarted_proxy_for_a_good_canary(shop: LiveShop):
    """Its counters begin anew, below what the window began with; its routes come from files."""
    version = shop.other_good("checkout")

    release = await shop.release("proxy-killed", {"checkout": version})
    before = await release.until_canary()
    shop.kill("envoy-production")
    routed = shop.served("checkout", requests=60)
    after = await release.until(
        lambda status: status.exposure.requests > before.exposure.requests + 20
    )
    outcome = await release.ended()

    assert len(routed) == 2, f"both versions again, not {dict(routed)}"
    assert after.exposure.failed == 0
    assert outcome.phase is Phase.HEALTHY
    assert shop.serves("checkout") == version
    await assert_at_rest(shop, release)


async def test_the_sweep_puts_back_what_a_terminated_release_left(shop: LiveShop):
    before = shop.serving()

    release = await shop.release("terminated", {"payments": shop.other_good("payments")})
    await release.until_canary()
    await release.handle.terminate("somebody pressed the red button")
    left = shop.served("payments", requests=60)
    swept = shop.lockgate("sweep", "--now")
    view = await release.rollback.result()

    assert len(left) == 2, "the terminated release left its canary in the route"
    assert release.id in swept.stdout, swept.stdout + swept.stderr
    assert view.differences == ()
    assert shop.serving() == before
    await assert_at_rest(shop, release)
