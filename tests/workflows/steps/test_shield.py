import asyncio

import pytest
from temporalio.exceptions import ApplicationError

from workflows.domain.errors import Refused
from workflows.steps.shield import hearing, outlasting, raise_if_cancelled, to_completion


async def test_a_cancel_in_the_middle_does_not_tear_the_work_apart():
    begun, may_end, done = asyncio.Event(), asyncio.Event(), []

    async def work():
        begun.set()
        await may_end.wait()
        done.append("undone")
        return "all of it"

    story = asyncio.ensure_future(to_completion(work()))
    await begun.wait()
    for _ in range(2):
        story.cancel()
        await asyncio.sleep(0)
    may_end.set()

    assert await story == "all of it"
    assert done == ["undone"]


async def test_the_works_own_failure_is_raised():
    async def work():
        raise Refused("no")

    with pytest.raises(Refused):
        await to_completion(work())


async def test_work_that_cancels_itself_ends_as_cancelled():
    async def work():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await to_completion(work())


async def stubborn(begun, may_end):
    """Ends well whoever cancels it, as an activity does that cannot be interrupted."""
    begun.set()
    while not may_end.is_set():
        try:
            await may_end.wait()
        except asyncio.CancelledError:
            asyncio.current_task().uncancel()
    return "done"


async def test_a_cancel_is_not_lost_in_work_that_ends_well_all_the_same():
    begun, may_end = asyncio.Event(), asyncio.Event()
    story = asyncio.ensure_future(outlasting(stubborn(begun, may_end)))
    await begun.wait()

    story.cancel()
    await asyncio.sleep(0)
    may_end.set()

    with pytest.raises(asyncio.CancelledError):
        await story


async def test_a_cancel_is_not_lost_in_work_that_fails_of_it():
    """So a signal ends whose sender is cancelled before it has left the story."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def taken_back():
        await stubborn(begun, may_end)
        raise ApplicationError("cancelled before it was sent")

    story = asyncio.ensure_future(outlasting(taken_back()))
    await begun.wait()
    story.cancel()
    await asyncio.sleep(0)
    may_end.set()

    with pytest.raises(asyncio.CancelledError):
        await story


async def test_what_fails_though_nobody_cancelled_it_is_raised():
    async def work():
        raise Refused("no")

    with pytest.raises(Refused):
        await outlasting(work())


async def test_what_nobody_cancelled_goes_on():
    begun, may_end = asyncio.Event(), asyncio.Event()
    may_end.set()

    assert await outlasting(stubborn(begun, may_end)) == "done"
    raise_if_cancelled()


async def test_a_cancel_may_be_a_word_among_others():
    heard, may_end = [], asyncio.Event()

    async def work():
        await may_end.wait()
        return "in its own time"

    def told():
        heard.append("cancel")
        if len(heard) == 2:
            may_end.set()

    story = asyncio.ensure_future(hearing(work(), told))
    for _ in range(2):
        await asyncio.sleep(0)
        story.cancel()
        await asyncio.sleep(0)

    assert await story == "in its own time"
    assert heard == ["cancel", "cancel"]


async def test_what_fails_while_cancels_are_heard_is_raised():
    async def work():
        raise Refused("no")

    with pytest.raises(Refused):
        await hearing(work(), lambda: None)
