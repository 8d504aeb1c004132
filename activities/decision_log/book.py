"""Rulings in the ledger: the order once, however often it was ruled on."""

import json

from sqlalchemy import Connection, Table, select

from activities.ledger import Ledger
from activities.ledger.decision_tables import DECISION_ORDERS, DECISIONS
from workflows.domain.admission.recorded import DecisionEntry, RecordedDecision, entry_of
from workflows.domain.values import Digest, digest_of


class DecisionBook:
    """Keeps rulings; nothing in it is ever changed.

    Every method raises what a Ledger raises.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def keep(self, decision: RecordedDecision) -> Digest:
        """Keep *decision* under its content address, once."""
        order = decision.order.model_dump_json()
        ruling = decision.model_dump(mode="json", exclude={"order"})
        entry = entry_of(decision)

        def write(connection: Connection) -> Digest:
            if not _has(connection, DECISIONS, entry.digest):
                _add_once(connection, DECISION_ORDERS, digest=digest_of(order), text=order)
                _add_once(
                    connection,
                    DECISIONS,
                    **entry.model_dump(),
                    order_digest=digest_of(order),
                    text=json.dumps(ruling, ensure_ascii=False),
                )
            return entry.digest

        return self._ledger.write(write)

    def newest(self, limit: int, *, name: str | None = None) -> tuple[DecisionEntry, ...]:
        """The newest rulings first."""
        columns = [DECISIONS.c[field] for field in DecisionEntry.model_fields]
        rows = select(*columns).order_by(DECISIONS.c.at.desc(), DECISIONS.c.digest).limit(limit)
        if name is not None:
            rows = rows.where(DECISIONS.c.name == name)

        def read(connection: Connection) -> tuple[DecisionEntry, ...]:
            found = connection.execute(rows).mappings()
            return tuple(DecisionEntry.model_validate(dict(row)) for row in found)

        return self._ledger.read(read)

    def text(self, digest: Digest) -> str | None:
        """A ruling with its order as JSON, or None where none is kept."""
        rows = (
            select(DECISIONS.c.text, DECISION_ORDERS.c.text.label("order"))
            .join(DECISION_ORDERS, DECISION_ORDERS.c.digest == DECISIONS.c.order_digest)
            .where(DECISIONS.c.digest == digest)
        )

        def read(connection: Connection) -> str | None:
            row = connection.execute(rows).one_or_none()
            if row is None:
                return None
            return json.dumps({**json.loads(row.text), "order": json.loads(row.order)})

        return self._ledger.read(read)


def _has(connection: Connection, table: Table, digest: Digest) -> bool:
    same = select(table.c.digest).where(table.c.digest == digest)
    return connection.execute(same).one_or_none() is not None


def _add_once(connection: Connection, table: Table, *, digest: Digest, **row: object) -> None:
    if not _has(connection, table, digest):
        connection.execute(table.insert().values(digest=digest, **row))
