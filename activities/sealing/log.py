"""The log in the ledger: every record once, in one order, and the tree over them."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from activities.ledger.audit_tables import AUDIT_RECORD
from activities.ledger.chains import stored_link
from activities.ledger.ledger import Ledger
from activities.ledger.log_tables import LOG_LEAVES, LOG_NODES
from workflows.domain.audit import written
from workflows.domain.audit_log.merkle import (
    Hash,
    Nodes,
    consistency,
    grown,
    inclusion,
    leaf_hash,
    root,
)
from workflows.domain.audit_log.proof import Proof
from workflows.domain.errors import TargetMissing
from workflows.ports.sealing import Proofs

TURN = 0x6C6F636B6C6F6773
"""`locklogs` in ASCII: what PostgreSQL sessions that grow the log wait for one another on."""

_AT_ONCE = 500

_PLACE = and_(
    AUDIT_RECORD.c.chain == LOG_LEAVES.c.chain, AUDIT_RECORD.c.position == LOG_LEAVES.c.position
)


class MerkleLog:
    """Takes records into the log as they lie in the ledger, and answers for what it took.

    Records are appended to their chains without waiting for the log: growing it is a step of its
    own, before a checkpoint. Every method raises what the Ledger's do.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def grow(self, beat: Callable[[], object]) -> int:
        """Take in every record that is there, and return how many the log holds then."""
        while self._ledger.write(_taken) == _AT_ONCE:
            beat()
        return self.size()

    def size(self) -> int:
        return self._ledger.read(_size)

    def root(self, size: int) -> Hash:
        """The root of the first *size* records.

        Raises:
            TargetMissing: the log never held that many.
        """
        return self._ledger.read(lambda connection: root(size, _known(connection, size)))

    def consistency(self, old: int, new: int) -> tuple[Hash, ...]:
        """The proof that the log of *old* records is the beginning of that of *new*.

        Raises:
            TargetMissing: the log never held that many.
        """
        return self._ledger.read(lambda connection: consistency(old, new, _known(connection, new)))

    def prove(self, chain: str, *, size: int, after: int, limit: int) -> Proofs:
        """Proofs of the records of *chain* after *after* that are among the first *size*.

        Raises:
            TargetMissing: the log never held that many.
        """
        leaves = (
            select(LOG_LEAVES.c.number, LOG_LEAVES.c.position)
            .where(
                LOG_LEAVES.c.chain == chain,
                LOG_LEAVES.c.position > after,
                LOG_LEAVES.c.number < size,
            )
            .order_by(LOG_LEAVES.c.position)
            .limit(limit)
        )

        def read(connection: Connection) -> Proofs:
            nodes = _known(connection, size)
            proofs = tuple(
                Proof(
                    position=row.position,
                    leaf=row.number,
                    path=tuple(step.hex() for step in inclusion(row.number, size, nodes)),
                )
                for row in connection.execute(leaves)
            )
            return Proofs(proofs=proofs)

        return self._ledger.read(read)

    def leaves(self, beat: Callable[[], object]) -> Iterator[Hash]:
        """The leaf hash of each record in the log's order, computed from the record itself.

        They end where a record is not what the log took in, or is gone.
        """
        taken = (LOG_NODES.c.level == 0) & (LOG_NODES.c.number == LOG_LEAVES.c.number)
        rows = (
            select(LOG_LEAVES.c.number, LOG_NODES.c.hash.label("taken"), AUDIT_RECORD)
            .join(AUDIT_RECORD, _PLACE)
            .join(LOG_NODES, taken)
        )
        number = 0
        while found := self._ledger.read(_page(rows, number)):
            for row in found:
                leaf = _leaf(row)
                if (row.number, row.taken) != (number, leaf.hex()):
                    return
                yield leaf
                number += 1
            beat()

    def place_of(self, number: int) -> str:
        """What record the log says is at *number*, in words."""
        which = select(LOG_LEAVES).where(LOG_LEAVES.c.number == number)
        row = self._ledger.read(lambda connection: connection.execute(which).one_or_none())
        if row is None:
            return f"record {number} of the log"
        return f"position {row.position} of {row.chain}"

    def waiting(self) -> int:
        """How many records the log has not taken in yet."""
        waiting = _untaken(select(func.count()).select_from(AUDIT_RECORD))

        def read(connection: Connection) -> int:
            counted: int = connection.execute(waiting).scalar_one()
            return counted

        return self._ledger.read(read)


def _taken(connection: Connection) -> int:
    """Take in as many records as one transaction should; how many it was."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(TURN)))
    order = (AUDIT_RECORD.c.chain, AUDIT_RECORD.c.position)
    rows = connection.execute(_untaken(select(AUDIT_RECORD)).order_by(*order).limit(_AT_ONCE))
    found = rows.all()
    size = _size(connection)
    added: dict[tuple[int, int], Hash] = {}
    stored = _nodes(connection)

    def node(level: int, number: int) -> Hash:
        return added.get((level, number)) or stored(level, number)

    for taken, row in enumerate(found):
        for level, number, digest in grown(size + taken, _leaf(row), node):
            added[level, number] = digest
    if found:
        places = [
            {"number": size + taken, "chain": row.chain, "position": row.position}
            for taken, row in enumerate(found)
        ]
        connection.execute(LOG_LEAVES.insert(), places)
        nodes = [
            {"level": level, "number": number, "hash": digest.hex()}
            for (level, number), digest in added.items()
        ]
        connection.execute(LOG_NODES.insert(), nodes)
    return len(found)


def _untaken(rows: Any) -> Any:
    return rows.outerjoin(LOG_LEAVES, _PLACE).where(LOG_LEAVES.c.number.is_(None))


def _page(rows: Any, number: int) -> Callable[[Connection], list[Row[Any]]]:
    page = rows.where(LOG_LEAVES.c.number >= number).order_by(LOG_LEAVES.c.number)
    return lambda connection: list(connection.execute(page.limit(_AT_ONCE)).all())


def _leaf(row: Row[Any]) -> Hash:
    return leaf_hash(written(stored_link(row)).encode())


def _size(connection: Connection) -> int:
    last: int | None = connection.execute(select(func.max(LOG_LEAVES.c.number))).scalar()
    return 0 if last is None else last + 1


def _known(connection: Connection, size: int) -> Nodes:
    if size > (held := _size(connection)):
        raise TargetMissing(f"the log holds {held} records, and never held {size}")
    return _nodes(connection)


def _nodes(connection: Connection) -> Nodes:
    """The perfect subtrees that are stored; each is read once."""
    held: dict[tuple[int, int], Hash] = {}

    def node(level: int, number: int) -> Hash:
        if (level, number) not in held:
            which = (LOG_NODES.c.level == level) & (LOG_NODES.c.number == number)
            found = connection.execute(select(LOG_NODES.c.hash).where(which)).scalar_one()
            held[level, number] = bytes.fromhex(found)
        return held[level, number]

    return node
