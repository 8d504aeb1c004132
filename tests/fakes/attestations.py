"""Evidence in memory: a bucket that lets go of nothing, a key that signs, and a whole port."""

import base64
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activities.attestations import (
    AttestationIndex,
    EvidenceRoom,
    TransitKeys,
)
from activities.ledger import Ledger
from workflows.domain.attestations.attestation import Attestation, kept
from workflows.domain.attestations.decision import statement_of
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Digest, digest_of
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


class FakeArchive:
    """An Archive whose bytes a test may touch, as nobody can touch those of a locked bucket."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def keep(self, key: str, content: bytes) -> None:
        self.held.setdefault(key, content)

    def find(self, key: str) -> bytes | None:
        return self.held.get(key)

    def location(self, key: str) -> str:
        return f"memory:{key}"


class FakeTransit:
    """The vault's transit engine with ed25519 keys, each made when it is first asked for."""

    def __init__(self) -> None:
        self.keys: dict[str, Ed25519PrivateKey] = {}

    def make(self, name: str) -> None:
        self.keys[name] = Ed25519PrivateKey.generate()

    def read(self, path: str) -> dict[str, Any]:
        key = self._key(path).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        public = {"1": {"public_key": base64.b64encode(key).decode()}}
        return {"data": {"type": "ed25519", "keys": public}}

    def write(self, path: str, body: dict[str, Any]) -> Any:
        signature = self._key(path).sign(base64.b64decode(body["input"]))
        return {"data": {"signature": f"vault:v1:{base64.b64encode(signature).decode()}"}}

    def _key(self, path: str) -> Ed25519PrivateKey:
        name = path.rpartition("/")[2]
        if name not in self.keys:
            raise TargetMissing(f"vault: {path}: there is nothing")
        return self.keys[name]


SIGNING_KEY = "lockgate-decisions"


def a_room(ledger: Ledger, archive: FakeArchive, transit: FakeTransit) -> EvidenceRoom:
    """The real room over what is kept in memory."""
    if SIGNING_KEY not in transit.keys:
        transit.make(SIGNING_KEY)
    index = AttestationIndex(ledger)
    return EvidenceRoom(archive, index, TransitKeys(transit), signing_key=SIGNING_KEY)


class FakeAttestations(AttestationsPort):
    """What is `held` is told; `signed` are the decisions. Nothing that is added is read.

    The next `failures` are raised first, one for each ask; `unsigned` is what becomes of every
    decision that is to be signed, if anything.
    """

    def __init__(self) -> None:
        self.held: list[Attestation] = []
        self.files: dict[Digest, SentFile] = {}
        self.signed: list[SignDecision] = []
        self.asks: list[ReadAttestations] = []
        self.failures: list[Exception] = []
        self.unsigned: Exception | None = None

    def add_evidence(self, ask: AddEvidence) -> AddedEvidence:
        self._fail()
        if ask.type is None:
            raise Refused("this fake reads no files: say of which type it is")
        known = any(
            (each.artifact, each.digest) == (ask.artifact, ask.file.digest) for each in self.held
        )
        attestation = Attestation(
            artifact=ask.artifact,
            type=ask.type,
            digest=ask.file.digest,
            at=datetime.now(UTC),
            size=len(ask.file.content),
            added_by=ask.added_by,
        )
        if not known:
            self.held.append(attestation)
        self.files[ask.file.digest] = ask.file
        return AddedEvidence(attestation=attestation, location="memory", known=known)

    def read_attestations(self, ask: ReadAttestations) -> AttestationsFound:
        self._fail()
        self.asks.append(ask)
        found = [each for each in self.held if each.artifact in ask.artifacts]
        told = kept(found, of_each=20 if ask.older else 1)
        return AttestationsFound(attestations=told, left_out=len(found) - len(told))

    def fetch_evidence(self, ask: FetchEvidence) -> SentFile:
        self._fail()
        if ask.digest not in self.files:
            raise TargetMissing(f"{ask.digest}: no such evidence is kept")
        return self.files[ask.digest]

    def sign_decision(self, ask: SignDecision) -> SignedDecision:
        self._fail()
        if self.unsigned is not None:
            raise self.unsigned
        digest = digest_of(statement_of(ask.decision))
        if ask in self.signed:
            return SignedDecision(digest=digest, location=f"memory:{digest}")
        self.signed.append(ask)
        for artifact in ask.decision.artifacts:
            self.held.append(
                Attestation(
                    artifact=artifact.digest,
                    type=EvidenceType.DECISION,
                    digest=digest,
                    at=ask.decision.at,
                    size=1,
                    added_by="lockgate",
                    signed=True,
                )
            )
        return SignedDecision(digest=digest, location=f"memory:{digest}")

    def read_verification_keys(self, ask: ReadVerificationKeys) -> VerificationKeys:
        self._fail()
        return VerificationKeys(name=SIGNING_KEY, pems=())

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)
