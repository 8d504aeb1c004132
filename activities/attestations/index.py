"""Which files of evidence there are about a build; what they say is in the files alone."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, select

from activities.ledger.attestation_tables import ATTESTATIONS
from workflows.domain.attestations.receipt import Receipt
from workflows.domain.values import Digest

AnswerT = TypeVar("AnswerT")

MOST_OF_ONE = 200
"""So many files of one build are looked at, the newest."""


class Database(Protocol):
    """What is used of the ledger; both raise Unavailable where it does not answer."""

    def read(self, work: Callable[[Connection], AnswerT]) -> AnswerT: ...

    def write(self, work: Callable[[Connection], AnswerT]) -> AnswerT: ...


class Listed(NamedTuple):
    """A file that is said to be about a build; its receipt proves it, or does not."""

    artifact: Digest
    digest: Digest
    type: str
    size: int
    added_by: str
    received_at: datetime


class AttestationIndex:
    """Rows of the ledger, one for each build and file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, receipt: Receipt) -> bool:
        """List the file of *receipt*; False if it is listed for this build already."""

        def work(connection: Connection) -> bool:
            same = (ATTESTATIONS.c.artifact == receipt.artifact) & (
                ATTESTATIONS.c.digest == receipt.digest
            )
            if connection.execute(select(ATTESTATIONS.c.digest).where(same)).first() is not None:
                return False
            row = {**receipt.model_dump(), "type": receipt.type.value}
            connection.execute(ATTESTATIONS.insert().values(row))
            return True

        return self._database.write(work)

    def about(self, artifacts: Collection[Digest]) -> tuple[Listed, ...]:
        """What is listed about each of *artifacts*, the newest first, so many of each."""

        def work(connection: Connection) -> tuple[Listed, ...]:
            return tuple(
                Listed(**row._mapping)  # noqa: SLF001 - SQLAlchemy's name for a public thing
                for artifact in artifacts
                for row in connection.execute(
                    select(ATTESTATIONS)
                    .where(ATTESTATIONS.c.artifact == artifact)
                    .order_by(ATTESTATIONS.c.received_at.desc(), ATTESTATIONS.c.digest)
                    .limit(MOST_OF_ONE)
                )
            )

        return self._database.read(work)
