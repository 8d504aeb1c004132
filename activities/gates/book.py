"""The waits at gates and the published matrices; nothing in them is ever changed."""

from datetime import datetime

from sqlalchemy import Connection, select

from activities.ledger import Ledger
from activities.ledger.chains import append, held_head
from activities.ledger.gate_tables import GATE_WAITS, MATRICES
from workflows.domain.audit import Entry
from workflows.domain.gates.waits import GateWait
from workflows.domain.values import Digest, Value, short
from workflows.ports.gates import Publication

CHAIN = "matrix"
"""The chain of the audit record that says when each decision matrix was published."""


class PublishedMatrix(Value):
    """The page of a matrix, as it was when it was first seen."""

    policy: str
    digest: Digest
    page: str
    published_at: datetime


class GateBook:
    """Every method raises what a Ledger raises."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, waits: tuple[GateWait, ...]) -> int:
        """Keep each wait whose key is not kept yet; how many were not."""

        def write(connection: Connection) -> int:
            return sum(_add_once(connection, wait) for wait in waits)

        return self._ledger.write(write)

    def since(self, moment: datetime) -> tuple[GateWait, ...]:
        """Every wait that began at *moment* or later, in the order of time."""
        rows = (
            select(GATE_WAITS)
            .where(GATE_WAITS.c.opened_at >= moment)
            .order_by(GATE_WAITS.c.opened_at, GATE_WAITS.c.key)
        )

        def read(connection: Connection) -> tuple[GateWait, ...]:
            found = connection.execute(rows).mappings()
            return tuple(GateWait.model_validate(dict(row)) for row in found)

        return self._ledger.read(read)

    def publish(self, matrix: PublishedMatrix) -> Publication:
        """Keep *matrix* and its entry in the record, unless this one was published before."""
        known = select(MATRICES.c.published_at).where(
            MATRICES.c.policy == matrix.policy, MATRICES.c.digest == matrix.digest
        )

        def write(connection: Connection) -> Publication:
            before = connection.execute(known).scalar_one_or_none()
            if before is None:
                held_head(connection, CHAIN)  # whoever else publishes it now has to wait
                before = connection.execute(known).scalar_one_or_none()
            if before is None:
                append(connection, CHAIN, (_entry(matrix),))
                connection.execute(MATRICES.insert().values(**matrix.model_dump()))
            return Publication(
                policy=matrix.policy,
                digest=matrix.digest,
                published_at=before or matrix.published_at,
                first=before is None,
            )

        return self._ledger.write(write)


def _add_once(connection: Connection, wait: GateWait) -> int:
    same = select(GATE_WAITS.c.key).where(GATE_WAITS.c.key == wait.key)
    if connection.execute(same).one_or_none() is not None:
        return 0
    connection.execute(GATE_WAITS.insert().values(**wait.model_dump(mode="python")))
    return 1


def _entry(matrix: PublishedMatrix) -> Entry:
    return Entry(
        key=f"{matrix.policy}:{matrix.digest}",
        at=matrix.published_at,
        action="publish_matrix",
        sentence=f"decision matrix of {matrix.policy} is {short(matrix.digest)}",
        outcome="published",
        detail=matrix.digest,
    )
