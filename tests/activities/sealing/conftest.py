"""A log on SQLite, and somebody who owns the database."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from activities.ledger import open_ledger
from activities.sealing.log import MerkleLog
from workflows.domain.audit import Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.dispose()


@pytest.fixture
def log(ledger):
    return MerkleLog(ledger)


@pytest.fixture
def append(ledger):
    def append(chain, count, *, begin=0):
        ledger.append(
            chain,
            [
                Entry(key=str(n), at=NOON, action="a", sentence=f"did {n}", outcome="done")
                for n in range(begin, begin + count)
            ],
        )

    return append


@pytest.fixture
def tamper(ledger):
    """Run statements past the triggers, as the database's owner can."""

    def tamper(*statements, **values):
        tables = ("audit_record", "log_leaves", "log_nodes", "checkpoints")
        off = [
            f"DROP TRIGGER IF EXISTS {table}_is_not_{way}"
            for table in tables
            for way in ("updated", "deleted", "replaced")
        ]

        def work(connection):
            for statement in (*off, *statements):
                bound = {name: value for name, value in values.items() if f":{name}" in statement}
                connection.execute(text(statement), bound)

        ledger.write(work)

    return tamper
