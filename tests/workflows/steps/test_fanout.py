import asyncio

import pytest

from workflows.domain.errors import Diverged, Refused
from workflows.steps.fanout import every


async def answer(value, *, after=None):
    if after is not None:
        await after.wait()
    return value


async def test_answers_come_in_the_order_of_the_asks_whoever_is_first():
    gate = asyncio.Event()

    async def last():
        gate.set()
        return "b"

    assert await every([answer("a", after=gate), last()]) == ["a", "b"]


async def test_of_several_failures_the_first_by_position_is_raised():
    gate = asyncio.Event()

    async def slow():
        await gate.wait()
        raise Refused("first by position")

    async def quick():
        gate.set()
        raise Diverged("first by time")

    with pytest.raises(Refused):
        await every([slow(), quick()])


async def test_a_failure_waits_until_everything_else_has_ended():
    done = []

    async def fails():
        raise Refused("no")

    async def ends():
        await asyncio.sleep(0)
        done.append("ended")

    with pytest.raises(Refused):
        await every([fails(), ends()])

    assert done == ["ended"]


async def test_nothing_to_do_is_done():
    assert await every([]) == []
