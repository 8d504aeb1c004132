"""A room over memory: a bucket, a vault and a ledger that a test can tamper with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.attestations import AttestationsActivities
from activities.attestations.parcels import packed
from activities.ledger import Ledger, open_ledger
from tests.attesting import BUILD
from tests.fakes.attestations import FakeArchive, FakeTransit, a_room
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.signers import TrustedKey
from workflows.domain.values import digest_of
from workflows.ports.attestations import AddEvidence, ReadAttestations

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


@dataclass
class Kept:
    """Everything that evidence is kept in, and the activities over it, at a time of its own."""

    ledger: Ledger
    archive: FakeArchive = field(default_factory=FakeArchive)
    vault: FakeTransit = field(default_factory=FakeTransit)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self._open()

    def add(self, content: bytes, *, artifact: str = BUILD, **more: Any):
        file = packed(digest_of(content), content)
        return self.port.add_evidence(
            AddEvidence(artifact=artifact, file=file, added_by="ana", **more)
        )

    def about(self, artifact: str = BUILD, *, keys: tuple[TrustedKey, ...] = ()):
        ask = ReadAttestations(artifacts=(artifact,), keys=keys)
        return self.port.read_attestations(ask).attestations

    def only(self, *, keys: tuple[TrustedKey, ...] = ()) -> Attestation:
        (one,) = self.about(keys=keys)
        return one

    def forget(self) -> None:
        """Begin anew with nothing in memory, as after a restart of the worker."""
        self._open()

    def _open(self) -> None:
        self.room = a_room(self.ledger, self.archive, self.vault)
        self.port = AttestationsActivities(self.room, clock=lambda: self.now)


@pytest.fixture
def kept(tmp_path) -> Iterator[Kept]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield Kept(ledger)
    ledger.dispose()
