"""How releases ended, what each brought, and the retrospectives that are owed and closed."""

import sqlalchemy as sa
from alembic import op

from activities.ledger.append_only import keep_rows
from activities.ledger.schema import Moment

revision = "0005"
down_revision = "0003"

_KEYS = {
    "outcomes": ("release", "run"),
    "outcome_services": ("release", "run", "service"),
    "outcome_paths": ("release", "run", "service", "path"),
    "retrospectives": ("release", "run", "service"),
    "retrospective_closings": ("release", "run"),
}
_INDEXES = {
    "outcomes": (("pattern", "ended_at"), ("ended_at",)),
    "outcome_services": (("service", "ended_at"),),
    "outcome_paths": (("service", "ended_at"),),
    "retrospectives": (("service",),),
}


def upgrade() -> None:
    for table, columns in _columns().items():
        key = sa.PrimaryKeyConstraint(*_KEYS[table])
        op.create_table(table, *columns, key, sqlite_with_rowid=False)
        for indexed in _INDEXES.get(table, ()):
            op.create_index(f"ix_{table}_{'_'.join(indexed)}", table, list(indexed))
        keep_rows(op.get_bind(), table, unique=(_KEYS[table],))


def _columns() -> dict[str, tuple[sa.Column[object], ...]]:
    run = (("release", sa.String), ("run", sa.String))
    return {
        "outcomes": (
            *_filled(*run, ("requested_by", sa.String), ("ended_at", Moment)),
            *_filled(("phase", sa.String), ("ending", sa.String), ("change_class", sa.String)),
            *_filled(("pattern", sa.String(71)), ("pattern_sentence", sa.Text)),
            *_filled(("score", sa.Integer), ("level", sa.String), ("low", sa.Boolean)),
            *_filled(("model", sa.String(71)), ("factors", sa.Text)),
        ),
        "outcome_services": (
            *_filled(*run, ("service", sa.String)),
            sa.Column("head", sa.String),
            *_filled(("ended_at", Moment), ("ending", sa.String)),
        ),
        "outcome_paths": _filled(
            *run, ("service", sa.String), ("path", sa.Text), ("ended_at", Moment)
        ),
        "retrospectives": (
            *_filled(*run, ("service", sa.String), ("requested_by", sa.String)),
            *_filled(("opened_at", Moment)),
            sa.Column("due_at", Moment),
        ),
        "retrospective_closings": _filled(
            *run, ("closed_at", Moment), ("closed_by", sa.String), ("finding", sa.Text)
        ),
    }


def _filled(*columns: tuple[str, object]) -> tuple[sa.Column[object], ...]:
    return tuple(sa.Column(name, kind, nullable=False) for name, kind in columns)  # type: ignore[arg-type]
