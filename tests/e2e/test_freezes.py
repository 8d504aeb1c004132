"""A freeze that comes on under way: what it holds, what it turns back, and what it cannot hold."""

from collections.abc import Iterator

import pytest

from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveShop
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import ReleaseStatus

FREEZE = "incident-7"


@pytest.fixture
def freeze(shop: LiveShop) -> Iterator["Freeze"]:
    """Declares the freeze of a test, and lifts what the test leaves declared."""
    declared = Freeze(shop)
    yield declared
    declared.lift()


class Freeze:
    def __init__(self, shop: LiveShop) -> None:
        self._shop = shop
        self._stands = False

    def declare(self, *, in_flight: str) -> None:
        self._told(
            "add", FREEZE, "--for", "10m", "--in-flight", in_flight, "--environment", "production"
        )
        self._stands = True

    def lift(self) -> None:
        if self._stands:
            self._told("lift", FREEZE)
            self._stands = False

    def _told(self, *arguments: str) -> None:
        said = ("--reason", "payments fail", "--by", "ana")
        done = self._shop.lockgate("freeze", *arguments, *said)
        assert done.returncode == 0, done.stdout + done.stderr


async def test_a_release_waits_for_the_end_of_a_freeze_and_wakes_when_it_is_lifted(
    shop: LiveShop, freeze: Freeze
):
    version = shop.other_good("checkout")
    freeze.declare(in_flight="hold")

    release = await shop.release("frozen", {"checkout": version})
    status = await release.until_phase(Phase.FROZEN)
    (blocker,) = status.blocked_by
    assert FREEZE in blocker.reason
    assert blocker.clears_at is not None
    watched = shop.lockgate("watch", release.name, "--timeout", "1s")
    assert watched.returncode == 124, watched.stdout + watched.stderr
    assert shop.serves("checkout") != version

    freeze.lift()
    assert (await release.ended()).phase is Phase.HEALTHY
    assert shop.serves("checkout") == version
    await assert_at_rest(shop, release)


async def test_a_freeze_holds_what_is_under_way_and_a_rollback_goes_all_the_same(
    shop: LiveShop, freeze: Freeze
):
    before, version = shop.serves("checkout"), shop.other_good("checkout")
    release = await shop.release("held", {"checkout": version}, strategy="watched")
    await release.until_canary()

    freeze.declare(in_flight="hold")
    await release.until(_holds)
    rolled_back = shop.lockgate("rollback", "held", "--reason", "not in a freeze", "--by", "ana")
    assert rolled_back.returncode == 0, rolled_back.stdout + rolled_back.stderr
    outcome = await release.ended()

    assert outcome.phase is Phase.ROLLED_BACK
    assert shop.serves("checkout") == before
    await assert_at_rest(shop, release)


async def test_a_freeze_that_unwinds_turns_back_what_is_under_way(shop: LiveShop, freeze: Freeze):
    before, version = shop.serves("checkout"), shop.other_good("checkout")
    release = await shop.release("unwound", {"checkout": version}, strategy="watched")
    await release.until_canary()

    freeze.declare(in_flight="unwind")
    outcome = await release.ended()

    assert outcome.phase is Phase.ROLLED_BACK
    assert FREEZE in outcome.reason
    assert shop.serves("checkout") == before
    await assert_at_rest(shop, release)


def _holds(status: ReleaseStatus) -> bool:
    """Whether the release stays at its weight, and names the freeze as the reason."""
    return any(FREEZE in blocker.reason for blocker in status.blocked_by)
