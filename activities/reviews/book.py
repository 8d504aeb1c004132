"""Keeping what was said of runbooks beside its entry in the audit record, both or neither."""

from typing import Any

from sqlalchemy import Connection, Table, select

from activities.ledger import Ledger
from activities.ledger.chains import append
from activities.ledger.review_tables import DOSSIERS, RUNBOOK_REHEARSALS, RUNBOOK_REVIEWS
from workflows.domain.audit import Entry
from workflows.domain.people.identity import Assurance
from workflows.domain.readiness.reviews import CHAIN, Rehearsal, Review, Reviews, entry_of
from workflows.ports.audit import ChainHead
from workflows.ports.reviews import SealedDossier


class ReviewBook:
    """Reviews, rehearsals and dossiers in the ledger; nothing in it is ever changed.

    Every method raises what a Ledger raises.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, said: Review | Rehearsal) -> ChainHead:
        """Keep *said* and its entry; what is kept already is not kept again."""
        table = RUNBOOK_REVIEWS if isinstance(said, Review) else RUNBOOK_REHEARSALS
        entry = entry_of(said)

        def write(connection: Connection) -> ChainHead:
            # The entry first: its chain's head is held, so that nobody else adds the same row.
            head = append(connection, CHAIN, (entry,))
            _add_once(connection, table, "key", {"key": entry.key, **said.model_dump()})
            return head

        return self._ledger.write(write)

    def note(self, entry: Entry) -> ChainHead:
        """Record what led to no review."""
        return self._ledger.append(CHAIN, (entry,))

    def newest(self, runbooks: tuple[str, ...], *, limit: int) -> Reviews:
        """What was said last of each of *runbooks*, what a token proved before the rest.

        So nobody who may only assert a name pushes out what somebody has proven to say.
        """

        def read(connection: Connection) -> Reviews:
            return Reviews(
                reviews=tuple(
                    Review.model_validate(row)
                    for name in runbooks
                    for row in _newest(connection, RUNBOOK_REVIEWS, name, limit)
                ),
                rehearsals=tuple(
                    Rehearsal.model_validate(row)
                    for name in runbooks
                    for row in _newest(connection, RUNBOOK_REHEARSALS, name, limit)
                ),
            )

        return self._ledger.read(read)

    def seal(self, sealed: SealedDossier) -> None:
        """Keep a dossier; one that is kept already stays as it was first sealed."""
        row = sealed.model_dump()
        self._ledger.write(lambda connection: _add_once(connection, DOSSIERS, "digest", row))

    def dossier(self, digest: str) -> SealedDossier | None:
        """The dossier of this content address, or None where none was sealed."""

        def read(connection: Connection) -> SealedDossier | None:
            found = connection.execute(select(DOSSIERS).where(DOSSIERS.c.digest == digest))
            row = found.mappings().one_or_none()
            return None if row is None else SealedDossier.model_validate(dict(row))

        return self._ledger.read(read)


def _newest(
    connection: Connection, table: Table, runbook: str, limit: int
) -> list[dict[str, Any]]:
    rows = (
        select(*(column for column in table.c if column.name != "key"))
        .where(table.c.runbook == runbook)
        .order_by(table.c.assurance == Assurance.ASSERTED, table.c.at.desc(), table.c.key)
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(rows).mappings()]


def _add_once(connection: Connection, table: Table, key: str, row: dict[str, Any]) -> None:
    same = select(table.c[key]).where(table.c[key] == row[key])
    if connection.execute(same).one_or_none() is None:
        connection.execute(table.insert().values(**row))
