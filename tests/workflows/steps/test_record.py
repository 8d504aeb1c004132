import asyncio
from datetime import UTC, datetime

import pytest

from workflows.domain.audit import Entry
from workflows.domain.errors import Unavailable
from workflows.steps import record as record_module
from workflows.steps.record import Recorder, write_record
from workflows.steps.trail import Trail

RELEASE = "release/shop/1"


class Ledger:
    """Takes entries while it is `up`; each failure it is given is raised once."""

    def __init__(self):
        self.up = asyncio.Event()
        self.up.set()
        self.failures = []
        self.asks = []

    async def call(self, method, ask):
        await self.up.wait()
        if self.failures:
            raise self.failures.pop()
        assert method.__name__ == "append_record"
        self.asks.append(ask)

    @property
    def keys(self):
        return [entry.key for ask in self.asks for entry in ask.entries]


@pytest.fixture
def ledger(monkeypatch):
    ledger = Ledger()
    monkeypatch.setattr(record_module, "call", ledger.call)
    return ledger


def entries(*numbers):
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    return tuple(
        Entry(key=str(n), at=moment, action="hold", sentence="hold", outcome="told")
        for n in numbers
    )


@pytest.fixture
def trail():
    trail = Trail("test")
    trail.take_over(entries(*range(250)))
    return trail


async def test_a_long_trail_is_written_in_order_a_hundred_at_once(ledger, trail):
    await write_record(RELEASE, trail)

    assert [len(ask.entries) for ask in ledger.asks] == [100, 100, 50]
    assert ledger.keys == [str(n) for n in range(250)]
    assert trail.unwritten == ()


async def test_nothing_is_asked_for_an_empty_trail(ledger):
    await write_record(RELEASE, Trail("test"))

    assert ledger.asks == []


async def test_a_story_goes_on_while_the_ledger_does_not_answer(ledger, trail):
    ledger.up.clear()
    recorder = Recorder(RELEASE, trail)
    recorder.begin()
    await asyncio.sleep(0)

    trail.take_over(entries(250))
    recorder.begin()
    ledger.up.set()
    await recorder.finish()

    assert ledger.keys == [str(n) for n in range(251)]


async def test_a_ledger_that_failed_once_is_asked_again_at_the_end(ledger, trail):
    ledger.failures = [Unavailable("the ledger is down")]
    recorder = Recorder(RELEASE, trail)
    recorder.begin()

    await recorder.finish()

    assert ledger.keys == [str(n) for n in range(250)]


async def test_what_could_not_be_recorded_to_the_end_is_said(ledger, trail):
    ledger.failures = [Unavailable("down"), Unavailable("down")]
    recorder = Recorder(RELEASE, trail)
    recorder.begin()

    with pytest.raises(Unavailable):
        await recorder.finish()
