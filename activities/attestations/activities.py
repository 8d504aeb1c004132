"""AttestationsPort: evidence kept in a locked bucket, told by what is read there each time."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from activities.attestations.parcels import packed, unpacked
from activities.attestations.readers import MOST_BYTES
from activities.attestations.room import EvidenceRoom
from workflows.domain.attestations.attestation import Attestation, kept
from workflows.domain.attestations.decision import statement_of
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.errors import TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.attestations import (
    AddedEvidence,
    AddEvidence,
    AttestationsFound,
    AttestationsPort,
    FetchEvidence,
    ReadAttestations,
    ReadVerificationKeys,
    SentFile,
    SignDecision,
    SignedDecision,
    VerificationKeys,
)

log = structlog.get_logger(__name__)

# Each ruling has them in the history anew.
_MOST_ANSWERED = 400_000
_OLDER = 20

OURSELVES = "lockgate"
"""Who added what Lockgate itself decided."""


class AttestationsActivities(AttestationsPort):
    """Believes nothing because it is kept here: every file is read and checked again."""

    def __init__(
        self,
        room: EvidenceRoom | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """*room* is None where the settings name no place for evidence."""
        self._room_if_any = room
        self._clock = clock

    @property
    def _room(self) -> EvidenceRoom:
        if self._room_if_any is None:
            raise TargetMissing(
                "this worker's settings have no [attestations]: they say in which bucket "
                "evidence is kept, see docs/how-to/evidence-and-criteria.md"
            )
        return self._room_if_any

    def add_evidence(self, ask: AddEvidence) -> AddedEvidence:
        content = unpacked(ask.file, most=MOST_BYTES)
        attestation, known = self._room.take_in(
            content, ask.artifact, added_by=ask.added_by, at=self._clock(), type=ask.type
        )
        if not known:
            log.info(
                "evidence_added",
                evidence=attestation.type.value,
                artifact=attestation.artifact,
                digest=attestation.digest,
                added_by=attestation.added_by,
            )
        location = self._room.location(attestation.digest)
        return AddedEvidence(attestation=attestation, location=location, known=known)

    def read_attestations(self, ask: ReadAttestations) -> AttestationsFound:
        found = tuple(self._room.about(ask.artifacts, ask.keys))
        told: list[Attestation] = []
        size = 0
        for each in kept(found, of_each=_OLDER if ask.older else 1):
            size += len(each.model_dump_json())
            if size > _MOST_ANSWERED:
                break
            told.append(each)
        return AttestationsFound(attestations=tuple(told), left_out=len(found) - len(told))

    def fetch_evidence(self, ask: FetchEvidence) -> SentFile:
        return packed(ask.digest, self._room.file(ask.digest))

    def sign_decision(self, ask: SignDecision) -> SignedDecision:
        content = self._room.sign(statement_of(ask.decision)).encode()
        digest = digest_of(content)
        for artifact in dict.fromkeys(each.digest for each in ask.decision.artifacts):
            self._room.take_in(
                content,
                artifact,
                added_by=OURSELVES,
                at=self._clock(),
                type=EvidenceType.DECISION,
            )
        log.info("decision_signed", digest=digest, allowed=ask.decision.allowed)
        return SignedDecision(digest=digest, location=self._room.location(digest))

    def read_verification_keys(self, ask: ReadVerificationKeys) -> VerificationKeys:
        del ask  # there is one key
        return VerificationKeys(name=self._room.signing_key, pems=self._room.public_keys())
