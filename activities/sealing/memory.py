"""What the ledger itself remembers of its checkpoints: where to begin looking in the store."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql

from activities.ledger.log_tables import CHECKPOINTS


def remembered(connection: Connection, origin: str) -> int:
    """The size of the newest checkpoint of *origin* that the ledger knows of; 0 for none."""
    sizes = select(CHECKPOINTS.c.size).where(CHECKPOINTS.c.origin == origin)
    newest: int | None = connection.execute(
        sizes.order_by(CHECKPOINTS.c.size.desc()).limit(1)
    ).scalar()
    return newest or 0


def remember(connection: Connection, *, origin: str, size: int, note: str) -> None:
    """Keep a checkpoint that is sealed; one that is kept already stays as it is."""
    if remembered(connection, origin) >= size:
        return
    values = {"origin": origin, "size": size, "note": note}
    if connection.dialect.name == "postgresql":
        # Another worker may be at it; to hold a row would take the right to change it.
        once = postgresql.insert(CHECKPOINTS).values(values).on_conflict_do_nothing()
        connection.execute(once)
    else:
        connection.execute(CHECKPOINTS.insert().values(values))
