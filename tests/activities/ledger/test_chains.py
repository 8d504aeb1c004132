"""Each step of an append by itself, on a SQLite database of the test's own."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, select

from activities.ledger.audit_tables import AUDIT_RECORD, CHAIN_HEADS
from activities.ledger.chains import add, held_head, is_recorded, newest_head, stored_link
from activities.ledger.upgrading import upgrade
from workflows.domain.audit import GENESIS, Entry, link
from workflows.domain.errors import Diverged
from workflows.ports.audit import ChainHead

NOON = datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=UTC)
SHOP = "release/shop/abc"
START = ChainHead(position=0, hash=GENESIS)


def an_entry(key="a", **fields):
    shown = {"at": NOON, "action": "shift_traffic", "sentence": f"did {key}", "outcome": "done"}
    return Entry(key=key, **{**shown, **fields})


@pytest.fixture
def connection(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    with engine.begin() as connection:
        upgrade(connection, place="here")
        yield connection
    engine.dispose()


def append(connection, entry, chain=SHOP):
    head = held_head(connection, chain)
    return add(connection, link(chain, head.position + 1, entry, head.hash))


def tamper(connection, **values):
    where = CHAIN_HEADS.c.chain == SHOP
    connection.execute(CHAIN_HEADS.update().where(where).values(**values))


def test_a_chain_is_held_from_before_its_first_entry_and_has_no_head_yet(connection):
    assert held_head(connection, SHOP) == held_head(connection, SHOP) == START
    assert newest_head(connection, SHOP) is None


def test_the_head_moves_with_each_link_and_only_that_of_its_chain(connection):
    held_head(connection, "release/other/1")

    first, second = append(connection, an_entry("a")), append(connection, an_entry("b"))

    assert (first.position, second.position) == (1, 2)
    assert held_head(connection, SHOP) == newest_head(connection, SHOP) == second
    assert held_head(connection, "release/other/1") == START


def test_a_stored_link_is_the_link_that_was_added(connection):
    entry = an_entry(actor="ana", detail="ü\n{}")
    added = link(SHOP, 1, entry, GENESIS)
    held_head(connection, SHOP)

    add(connection, added)

    assert stored_link(connection.execute(select(AUDIT_RECORD)).one()) == added


@pytest.mark.parametrize(
    "values", [{"position": 3}, {"hash": GENESIS}, {"position": 0, "hash": GENESIS}]
)
def test_a_head_that_is_not_the_newest_record_is_not_built_upon(connection, values):
    append(connection, an_entry())
    tamper(connection, **values)

    with pytest.raises(Diverged, match=f"audit record of {SHOP}: .*changed outside Lockgate"):
        held_head(connection, SHOP)


def test_a_head_without_any_record_is_not_built_upon(connection):
    """The records of a whole chain are gone, and its head still knows of them."""
    held_head(connection, SHOP)
    tamper(connection, position=2)

    with pytest.raises(Diverged, match="names position 2"):
        held_head(connection, SHOP)


def test_an_entry_is_recorded_once_it_is_added_to_this_chain(connection):
    assert not is_recorded(connection, SHOP, an_entry())

    append(connection, an_entry())

    assert is_recorded(connection, SHOP, an_entry())
    assert not is_recorded(connection, SHOP, an_entry("b"))
    assert not is_recorded(connection, "release/other/1", an_entry())


def test_a_key_with_other_content_names_every_field_that_differs(connection):
    append(connection, an_entry())
    other = an_entry(
        at=NOON + timedelta(microseconds=1), outcome="Refused", actor="eve", detail="no"
    )

    with pytest.raises(Diverged, match=r"'a' is recorded at position 1 with another") as diverged:
        is_recorded(connection, SHOP, other)

    assert "another at, outcome, detail, actor; what is" in str(diverged.value)
