"""Bringing a ledger's schema to what this build knows, by revisions that only go forward."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.exc import ProgrammingError

ADVISORY_LOCK = 0x6C6F636B67617465
"""`lockgate` in ASCII: what PostgreSQL sessions that upgrade wait for one another on."""

_BEFORE_REVISIONS = "0001"
"""What a ledger is at that was made before there were revisions."""


class LedgerUnfit(Exception):
    """This build cannot work with the ledger.

    No kind of a release's error: a worker of such a build does not begin, and what was asked
    waits for one that fits.
    """


class LedgerAhead(LedgerUnfit):
    """The ledger was upgraded by a newer build, whose schema this one does not know."""


class LedgerBehind(LedgerUnfit):
    """The ledger wants an upgrade, and this login may not change its schema."""


def newest() -> str:
    """The revision that this build brings a ledger to."""
    head = _scripts().get_current_head()
    if head is None:
        raise LookupError("this build holds no revision of the ledger: it is not installed whole")
    return head


def revision_of(connection: Connection) -> str | None:
    """The revision that the ledger is at; None where it has no schema yet."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None and inspect(connection).has_table("evidence"):
        return _BEFORE_REVISIONS
    return found


def is_current(connection: Connection, *, place: str) -> bool:
    """Whether the ledger is at the newest revision; asks for no right to change anything.

    Raises:
        LedgerAhead: it is at a revision that this build does not know.
    """
    found = revision_of(connection)
    if found is not None and found not in _known():
        raise LedgerAhead(
            f"the ledger {place} is at revision {found}, and this build knows none after "
            f"{newest()}: a newer Lockgate upgraded it; run a build that is at least as new"
        )
    return found == newest()


def upgrade(connection: Connection, *, place: str) -> None:
    """Bring the ledger to the newest revision, inside the caller's transaction.

    On SQLite that transaction must shut others out; on PostgreSQL this waits for its turn. Doing
    it once more changes nothing.

    Raises:
        LedgerAhead: as from `is_current`.
        LedgerBehind: the login may not change the schema.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
    if is_current(connection, place=place):
        return
    found = revision_of(connection)
    config = _config()
    config.attributes["connection"] = connection
    try:
        if found == _BEFORE_REVISIONS:
            command.stamp(config, found)
        command.upgrade(config, "head")
    except ProgrammingError as error:
        raise LedgerBehind(
            f"the ledger {place} is at revision {found or 'none'}, this build needs {newest()}, "
            f"and its login may not upgrade it ({type(error.orig).__name__}): run "
            "`lockgate-worker ledger upgrade` with the login of its owner"
        ) from None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "activities.ledger:migrations")
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())
