"""People reject, hold, resume and abort releases that carry real traffic."""

from starters.exit_codes import ExitCode
from starters.steering import Word
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop, until
from workflows.domain.release.phase import Phase


async def test_a_rejected_release_goes_back_where_it_had_gone(shop: LiveShop):
    staged, before = shop.serves("checkout", "staging"), shop.serving()
    version = "v2" if staged == "v1" else "v1"

    release = await shop.release(
        "rejected", {"checkout": version}, environments=("staging", "production"), gated=True
    )
    await release.until_phase(Phase.AWAITING_APPROVAL)
    during = shop.serves("checkout", "staging")
    rejected = shop.lockgate("reject", release.name, "--by", "ana", "--reason", "not today")
    outcome = await release.ended()

    assert rejected.returncode == ExitCode.OK, rejected.stderr
    assert outcome.phase is Phase.DENIED
    assert (during, shop.serves("checkout", "staging")) == (version, staged)
    assert shop.serving() == before
    await assert_at_rest(shop, release)


async def test_a_held_release_keeps_its_weight_until_it_is_resumed(shop: LiveShop):
    version = shop.other_good("payments")

    release = await shop.release("held", {"payments": version})
    await release.until_canary(25)
    await release.tell(Word.HOLD)
    held = await release.until_phase(Phase.HOLDING)
    watched = await until(
        lambda: release.counted("payments"), lambda view: view.exposure.requests > 100
    )
    still = await release.status()
    (waits_for,) = still.blocked_by
    await release.tell(Word.RESUME)
    outcome = await release.ended()

    assert held.phase is still.phase is Phase.HOLDING
    assert still.exposure.weight_asked == watched.exposure.weight_asked == 25
    assert 15 < watched.exposure.weight_measured < 35
    assert (waits_for.gate, waits_for.can_be_cleared_by) == ("hold", ("lockgate resume",))
    assert outcome.phase is Phase.HEALTHY
    assert shop.serves("payments") == version
    await assert_at_rest(shop, release)


async def test_an_aborted_canary_goes_back(shop: LiveShop):
    before = shop.serving()

    release = await shop.release("aborted", {"checkout": shop.other_good("checkout")})
    await release.until_canary()
    canary = shop.served("checkout", requests=60)
    told = shop.lockgate("abort", release.name, "--by", "ana", "--reason", "wrong build")
    outcome = await release.ended()

    assert told.returncode == ExitCode.OK, told.stderr
    assert len(canary) == 2, f"a canary beside the stable version, not {dict(canary)}"
    assert outcome.phase is Phase.CANCELLED
    assert shop.serving() == before
    await assert_at_rest(shop, release)
