"""Keeping a freeze beside its entry in the audit record, both or neither."""

from datetime import datetime

from sqlalchemy import Connection, Row, Select, or_, select

from activities.ledger import Ledger
from activities.ledger.chains import append
from activities.ledger.freeze_tables import FREEZE_LIFTS, FREEZES
from workflows.domain.calendar.declared import CHAIN, entry_of_freeze, entry_of_lift
from workflows.domain.calendar.windows import Freeze
from workflows.domain.errors import Refused, TargetMissing

_MOST_PAST = 200


class FreezeBook:
    """Declared and lifted freezes; nothing in it is ever changed.

    Every method raises what a Ledger raises.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, freeze: Freeze) -> Freeze:
        """Keep *freeze* and its entry; what is kept already is not kept again.

        Raises:
            Refused: another one of its name is on, or is to come.
        """
        entry = entry_of_freeze(freeze)

        def write(connection: Connection) -> Freeze:
            # The entry first: its chain's head is held, so that nobody else adds the same name.
            append(connection, CHAIN, (entry,))
            kept = connection.execute(select(FREEZES).where(FREEZES.c.key == entry.key))
            if kept.one_or_none() is not None:
                return freeze
            others = [f for f in _open(connection, freeze.declared_at) if f.name == freeze.name]
            if others:
                raise Refused(
                    f"freeze {freeze.name} was declared by {others[0].declared_by} already: "
                    f"{others[0].reason}; lift it first, or choose another name"
                )
            row = {
                "key": entry.key,
                "name": freeze.name,
                "document": freeze.model_dump_json(exclude={"lifted_at", "lifted_by"}),
                "declared_at": freeze.declared_at,
                "start_at": freeze.start_at,
                "end_at": freeze.end_at,
            }
            connection.execute(FREEZES.insert().values(**row))
            return freeze

        return self._ledger.write(write)

    def lift(self, name: str, *, by: str, reason: str, at: datetime) -> Freeze:
        """Lift the newest freeze of this name and record it; once lifted it stays so.

        Raises:
            TargetMissing: there never was one.
        """

        def write(connection: Connection) -> Freeze:
            append(connection, CHAIN, ())  # holds the chain's head against other writers
            newest = _freezes().where(FREEZES.c.name == name)
            newest = newest.order_by(FREEZES.c.declared_at.desc(), FREEZES.c.key).limit(1)
            row = connection.execute(newest).one_or_none()
            if row is None:
                raise TargetMissing(f"there is no freeze {name!r}; `lockgate freeze list` has all")
            freeze = _read(row)
            if freeze.lifted_at is not None:
                return freeze
            entry = entry_of_lift(freeze, by=by, at=at, reason=reason)
            append(connection, CHAIN, (entry,))
            lift = {"freeze": row.key, "by": by, "reason": reason, "at": at}
            connection.execute(FREEZE_LIFTS.insert().values(**lift))
            return freeze.model_copy(update={"lifted_at": at, "lifted_by": by})

        return self._ledger.write(write)

    def known(self, at: datetime, *, past: bool) -> tuple[Freeze, ...]:
        """Those that are on at *at* or later; with *past* also the newest of the others."""
        if not past:
            return self._ledger.read(lambda connection: tuple(_open(connection, at)))

        def read(connection: Connection) -> tuple[Freeze, ...]:
            newest = _freezes().order_by(FREEZES.c.declared_at.desc()).limit(_MOST_PAST)
            found = [_read(row) for row in connection.execute(newest)]
            return tuple(sorted(found, key=lambda freeze: (freeze.start_at, freeze.name)))

        return self._ledger.read(read)


def _freezes() -> Select[tuple[str, str, datetime | None, str | None]]:
    lifted = FREEZES.outerjoin(FREEZE_LIFTS, FREEZE_LIFTS.c.freeze == FREEZES.c.key)
    columns = (FREEZES.c.key, FREEZES.c.document, FREEZE_LIFTS.c.at, FREEZE_LIFTS.c.by)
    return select(*columns).select_from(lifted)


def _open(connection: Connection, at: datetime) -> list[Freeze]:
    ahead = _freezes().where(
        FREEZE_LIFTS.c.at.is_(None), or_(FREEZES.c.end_at.is_(None), FREEZES.c.end_at > at)
    )
    rows = connection.execute(ahead.order_by(FREEZES.c.start_at, FREEZES.c.name))
    return [_read(row) for row in rows]


def _read(row: Row[tuple[str, str, datetime | None, str | None]]) -> Freeze:
    freeze = Freeze.model_validate_json(row.document)
    return freeze.model_copy(update={"lifted_at": row.at, "lifted_by": row.by})
