"""The record is called what it is: evidence is what a criterion asks for, not this table."""

from alembic import op

from activities.ledger.append_only import keep_rows

revision = "0002"
down_revision = "0001"

_BEFORE = {
    "postgresql": (
        "DROP TRIGGER evidence_rows_stay ON evidence",
        "DROP TRIGGER evidence_stays ON evidence",
        "DROP FUNCTION evidence_is_append_only()",
        "ALTER INDEX evidence_pkey RENAME TO audit_record_pkey",
        "ALTER INDEX evidence_chain_key_key RENAME TO audit_record_chain_key_key",
    ),
    "sqlite": (
        "DROP TRIGGER evidence_is_not_updated",
        "DROP TRIGGER evidence_is_not_deleted",
        "DROP TRIGGER evidence_is_not_replaced",
    ),
}


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _BEFORE[connection.dialect.name]:
        op.execute(statement)
    op.rename_table("evidence", "audit_record")
    keep_rows(connection, "audit_record", unique=(("chain", "position"), ("chain", "key")))
