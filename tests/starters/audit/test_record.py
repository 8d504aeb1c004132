"""The audit record read page by page, and a flaw found wherever it is."""

from datetime import UTC, datetime

import pytest

from starters.audit.record import links, verified
from workflows.domain.audit import GENESIS, Entry, link
from workflows.ports.audit import ChainHead, RecordPage

CHAIN = "release/shop/1"


def a_chain(length):
    found, previous = [], GENESIS
    for position in range(1, length + 1):
        entry = Entry(
            key=str(position),
            at=datetime(2026, 11, 10, tzinfo=UTC),
            action="told",
            sentence=f"step {position}",
            outcome="done",
        )
        found.append(link(CHAIN, position, entry, previous))
        previous = found[-1].hash
    return found


@pytest.fixture
def stored(monkeypatch):
    """A ledger that answers two links a page."""

    def these(chain, *, head=None):
        newest = head or (chain[-1] if chain else None)

        async def page(client, release, *, after=0, access=None):
            later = [found for found in chain if found.position > after][:2]
            known = ChainHead(position=newest.position, hash=newest.hash) if newest else None
            return RecordPage(links=tuple(later), head=known)

        monkeypatch.setattr("starters.audit.record.page", page)

    return these


async def test_every_page_is_read(stored):
    stored(a_chain(5))

    assert [found.position async for found in links(None, CHAIN)] == [1, 2, 3, 4, 5]


async def test_reading_goes_on_where_it_left_off(stored):
    stored(a_chain(5))

    assert [found.position async for found in links(None, CHAIN, after=3)] == [4, 5]


async def test_an_empty_record_is_intact(stored):
    stored([])

    assert await verified(None, CHAIN) == ((), None)


async def test_an_intact_record_is_said_to_be(stored):
    stored(a_chain(5))

    chain, flaw = await verified(None, CHAIN)

    assert (len(chain), flaw) == (5, None)


@pytest.mark.parametrize("missing", [0, 2, 3])
async def test_a_missing_entry_is_found(stored, missing):
    chain = a_chain(5)
    del chain[missing]
    stored(chain)

    _, flaw = await verified(None, CHAIN)

    assert flaw == f"position {missing + 1} is missing; {missing + 2} stands in its place"


async def test_an_entry_cut_from_the_end_is_found_against_the_head(stored):
    chain = a_chain(5)
    stored(chain[:4], head=chain[4])

    _, flaw = await verified(None, CHAIN)

    assert flaw is not None
    assert "its head is" in flaw


async def test_a_changed_entry_is_found(stored):
    chain = a_chain(3)
    entry = chain[1].entry.model_copy(update={"outcome": "refused"})
    stored([chain[0], chain[1].model_copy(update={"entry": entry}), chain[2]])

    _, flaw = await verified(None, CHAIN)

    assert flaw == "position 2 was changed after it was written"
