"""Which files of evidence belong to which build; what they say is read from the files."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, String, Table

from activities.ledger.schema import Moment, metadata

ATTESTATIONS = Table(
    "attestations",
    metadata,
    Column("artifact", String(71), nullable=False),
    Column("digest", String(71), nullable=False),
    Column("type", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("added_by", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    PrimaryKeyConstraint("artifact", "digest"),
    sqlite_with_rowid=False,
)
