import asyncio
import time

import pytest
from temporalio.runtime import Runtime

from infra.temporal import DATA_CONVERTER, TemporalUnreachable
from workers.running import Told, _first_to_end, temporal_within, unless


async def test_work_that_ends_first_answers():
    async def work():
        return 42

    assert await unless(asyncio.Event(), work()) == 42


async def test_a_worker_that_is_told_to_stop_drops_what_it_waits_for():
    stop = asyncio.Event()
    dropped = asyncio.Event()

    async def work():
        stop.set()
        try:
            await asyncio.sleep(60)
        finally:
            dropped.set()

    with pytest.raises(Told):
        await unless(stop, work())
    assert dropped.is_set()


async def test_what_goes_wrong_while_it_waits_is_raised():
    async def work():
        raise TemporalUnreachable("nobody there")

    with pytest.raises(TemporalUnreachable):
        await unless(asyncio.Event(), work())


async def test_an_address_that_swallows_everything_is_given_up_on(monkeypatch, other_listener):
    """It accepts connections and never says a word."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{other_listener}")
    begun = time.monotonic()

    with pytest.raises(TemporalUnreachable, match="TEMPORAL_ADDRESS"):
        await temporal_within(0.5, DATA_CONVERTER, Runtime.default())

    assert time.monotonic() - begun < 10


async def test_a_failure_beside_the_polling_drains_the_worker_and_is_raised():
    stop = asyncio.Event()
    drained = []

    async def poll():
        await stop.wait()
        drained.append(True)

    async def beside():
        raise TemporalUnreachable("not made current")

    with pytest.raises(TemporalUnreachable):
        await _first_to_end(poll(), [asyncio.create_task(beside())], stop)
    assert drained == [True]
