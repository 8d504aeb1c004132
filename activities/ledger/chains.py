"""An append inside one transaction: hold the head, look for the key, add the link."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from activities.ledger.audit_tables import AUDIT_RECORD, CHAIN_HEADS
from workflows.domain.audit import GENESIS, Entry, Link, link
from workflows.domain.errors import Diverged
from workflows.ports.audit import ChainHead

_INSERTS: dict[str, Callable[..., Any]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}
_START = ChainHead(position=0, hash=GENESIS)
_ENTRY_FIELDS = tuple(Entry.model_fields)


def append(connection: Connection, chain: str, entries: Iterable[Entry]) -> ChainHead:
    """Append each entry whose key *chain* does not hold yet, inside the caller's transaction.

    So that what a person decided is kept and recorded together, or neither.

    Raises:
        Diverged: an entry of the same key and other content is recorded, or the newest record is
            not the one that the head names.
    """
    head = held_head(connection, chain)
    for entry in entries:
        if not is_recorded(connection, chain, entry):
            head = add(connection, link(chain, head.position + 1, entry, head.hash))
    return head


def held_head(connection: Connection, chain: str) -> ChainHead:
    """The head of *chain*, held against every other writer until the transaction ends."""
    start = _INSERTS[connection.dialect.name](CHAIN_HEADS).values(
        chain=chain, position=_START.position, hash=_START.hash
    )
    connection.execute(start.on_conflict_do_nothing())
    where = CHAIN_HEADS.c.chain == chain
    row = connection.execute(select(CHAIN_HEADS).where(where).with_for_update()).one()
    head = ChainHead(position=row.position, hash=row.hash)
    if head != _newest(connection, chain):
        raise Diverged(
            f"audit record of {chain}: the head names position {head.position} and {head.hash}, "
            "which is not the newest record; the ledger was changed outside Lockgate, compare "
            "it with the copies of the record"
        )
    return head


def _newest(connection: Connection, chain: str) -> ChainHead:
    columns = select(AUDIT_RECORD.c.position, AUDIT_RECORD.c.hash).where(
        AUDIT_RECORD.c.chain == chain
    )
    row = connection.execute(
        columns.order_by(AUDIT_RECORD.c.position.desc()).limit(1)
    ).one_or_none()
    return _START if row is None else ChainHead(position=row.position, hash=row.hash)


def newest_head(connection: Connection, chain: str) -> ChainHead | None:
    row = connection.execute(
        select(CHAIN_HEADS).where(CHAIN_HEADS.c.chain == chain, CHAIN_HEADS.c.position > 0)
    ).one_or_none()
    return None if row is None else ChainHead(position=row.position, hash=row.hash)


def is_recorded(connection: Connection, chain: str, entry: Entry) -> bool:
    row = connection.execute(
        select(AUDIT_RECORD).where(AUDIT_RECORD.c.chain == chain, AUDIT_RECORD.c.key == entry.key)
    ).one_or_none()
    if row is None:
        return False
    found = _entry(row)
    if found == entry:
        return True
    other = ", ".join(
        field for field in _ENTRY_FIELDS if getattr(found, field) != getattr(entry, field)
    )
    raise Diverged(
        f"audit record of {chain}: {entry.key!r} is recorded at position {row.position} with "
        f"another {other}; what is recorded is never overwritten"
    )


def add(connection: Connection, added: Link) -> ChainHead:
    connection.execute(
        AUDIT_RECORD.insert().values(
            chain=added.chain,
            position=added.position,
            previous=added.previous,
            hash=added.hash,
            **added.entry.model_dump(),
        )
    )
    head = ChainHead(position=added.position, hash=added.hash)
    where = CHAIN_HEADS.c.chain == added.chain
    connection.execute(CHAIN_HEADS.update().where(where).values(**head.model_dump()))
    return head


def stored_link(row: Row[Any]) -> Link:
    return Link(
        chain=row.chain,
        position=row.position,
        entry=_entry(row),
        previous=row.previous,
        hash=row.hash,
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry.model_validate({field: getattr(row, field) for field in _ENTRY_FIELDS})
