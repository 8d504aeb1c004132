import asyncio
import threading
import time

import pytest

from workers.health import Dependency, DependencyUnfit, DependencyUnreachable, Health


class System:
    def __init__(self, *, failures=0):
        self.failures = failures
        self.pings = 0

    def __call__(self):
        self.pings += 1
        if self.pings <= self.failures:
            raise ConnectionError("refused\nwith a second line")

    def named(self, setting):
        return Dependency(setting, f"http://{setting}", self)


def watching(*dependencies):
    health = Health()
    health.watch(dependencies)
    return health


async def test_a_worker_begins_once_everything_answers():
    health = watching(System().named("vault.address"), System().named("ledger.url"))

    await health.wait_for_all(5)

    assert health.report()["dependencies"] == {"vault.address": None, "ledger.url": None}


async def test_what_comes_up_late_is_waited_for(monkeypatch):
    monkeypatch.setattr("workers.health._PAUSE", 0.01)
    late = System(failures=2)

    await watching(late.named("vault.address")).wait_for_all(5)

    assert late.pings == 3


async def test_each_setting_that_does_not_answer_gets_a_line(monkeypatch):
    monkeypatch.setattr("workers.health._PAUSE", 0.01)
    down = System(failures=10**6)
    health = watching(down.named("vault.address"), System().named("ledger.url"))

    with pytest.raises(DependencyUnreachable) as unreachable:
        await health.wait_for_all(0.1)

    assert str(unreachable.value) == (
        "vault.address: http://vault.address did not answer within 0.1 s: refused; "
        "check the address in the settings file and that it runs"
    )


async def test_a_ping_that_hangs_does_not_hang_the_start():
    released = threading.Event()
    health = watching(Dependency("vault.address", "http://v", lambda: released.wait(10) and None))
    begun = time.monotonic()

    with pytest.raises(DependencyUnreachable, match="no answer yet"):
        await health.wait_for_all(0.1)

    assert time.monotonic() - begun < 5
    released.set()


async def test_ready_means_every_pool_polls_and_everything_answered_last_time():
    system = System()
    health = watching(system.named("vault.address"))
    assert health.report()["ready"] is False

    health.polling = lambda: {"stories": True, "cloud": True}
    await health.ask_all()
    assert health.report()["ready"] is True

    health.polling = lambda: {"stories": True, "cloud": False}
    assert health.report()["ready"] is False


async def test_a_system_that_goes_down_later_is_seen(monkeypatch):
    monkeypatch.setattr("workers.health._BETWEEN_PINGS", 0.01)
    system = System()
    health = watching(system.named("vault.address"))
    health.polling = lambda: {"stories": True}
    await health.ask_all()
    system.failures = 10**6

    asking = asyncio.create_task(health.keep_asking())
    async with asyncio.timeout(5):
        while health.report()["ready"]:  # noqa: ASYNC110 - what is tested polls too
            await asyncio.sleep(0.01)
    asking.cancel()

    assert health.report()["dependencies"] == {"vault.address": "refused"}


async def test_what_no_waiting_makes_better_ends_the_start_at_once():
    def ahead():
        raise LookupError("the ledger is ahead of this build")

    health = watching(
        System(failures=10**6).named("vault.address"),
        Dependency("ledger.url", "sqlite://", ahead, (LookupError,)),
    )

    with pytest.raises(DependencyUnfit, match=r"ledger\.url: the ledger is ahead of this build"):
        await health.wait_for_all(60)
