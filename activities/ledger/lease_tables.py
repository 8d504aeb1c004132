"""The leases that are open: how to revoke each, should nobody come back to it."""

from sqlalchemy import Column, String, Table

from activities.ledger.schema import Moment, metadata

LEASES = Table(
    "leases",
    metadata,
    Column("accessor", String, primary_key=True),
    Column("release", String, nullable=False, index=True),
    Column("role", String, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
)
