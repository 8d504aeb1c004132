"""The ledger as it was before it had revisions: the record, its heads, and open leases.

A ledger made then is taken to be at this revision.
"""

import sqlalchemy as sa
from alembic import op

from activities.ledger.schema import Moment

revision = "0001"
down_revision = None

_POSTGRESQL = """
CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is append-only: % refused', TG_OP USING ERRCODE = 'LG001';
END $$;
CREATE TRIGGER evidence_rows_stay BEFORE UPDATE OR DELETE ON evidence
    FOR EACH ROW EXECUTE FUNCTION evidence_is_append_only();
CREATE TRIGGER evidence_stays BEFORE TRUNCATE ON evidence
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();
"""
_SQLITE = (
    """CREATE TRIGGER evidence_is_not_updated BEFORE UPDATE ON evidence BEGIN
    SELECT RAISE(ABORT, 'evidence is append-only: UPDATE refused'); END""",
    """CREATE TRIGGER evidence_is_not_deleted BEFORE DELETE ON evidence BEGIN
    SELECT RAISE(ABORT, 'evidence is append-only: DELETE refused'); END""",
    """CREATE TRIGGER evidence_is_not_replaced BEFORE INSERT ON evidence
    WHEN EXISTS (SELECT 1 FROM evidence WHERE chain = NEW.chain
                 AND (position = NEW.position OR key = NEW.key)) BEGIN
    SELECT RAISE(ABORT, 'evidence is append-only: REPLACE refused'); END""",
)


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("chain", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("actor", sa.String),
        sa.Column("previous", sa.String(71), nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.PrimaryKeyConstraint("chain", "position"),
        sa.UniqueConstraint("chain", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "chain_heads",
        sa.Column("chain", sa.String, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("accessor", sa.String, primary_key=True),
        sa.Column("release", sa.String, nullable=False, index=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("closed_at", Moment),
    )
    rules = (_POSTGRESQL,) if op.get_bind().dialect.name == "postgresql" else _SQLITE
    for rule in rules:
        op.execute(sa.text(rule))
