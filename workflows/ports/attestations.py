"""Storing evidence about builds, reading what it says, and signing what was decided."""

from abc import abstractmethod
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.decision import ReleaseDecision
from workflows.domain.attestations.signers import TrustedKey
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.names import Queue
from workflows.domain.values import Digest, Value, short
from workflows.ports.base import Message, Port, limited

MOST_SENT = 1024 * 1024
"""So many bytes, compressed, may travel as one file: Temporal carries no payload above 2 MB."""


class SentFile(Value):
    """A file on its way: `content` is its gzip in base64, `digest` that of the file itself."""

    digest: Digest
    content: str


class AddEvidence(Message):
    """Keep *file* as evidence about *artifact*; *added_by* says so."""

    artifact: Digest
    file: SentFile
    added_by: str
    type: EvidenceType | None = None

    def __str__(self) -> str:
        return f"add evidence {short(self.file.digest)} to {short(self.artifact)}"


class AddedEvidence(Value):
    """The evidence as it is kept; *known* if it had been added before."""

    attestation: Attestation
    location: str
    known: bool


class ReadAttestations(Message):
    """What is known about *artifacts*, and which of *keys* verify it?"""

    artifacts: Annotated[tuple[Digest, ...], Field(max_length=50)]
    keys: Annotated[tuple[TrustedKey, ...], Field(max_length=300)] = ()
    older: bool = False
    """Also what newer evidence of the same kind and signers has taken the place of."""

    def __str__(self) -> str:
        return f"read the evidence about {', '.join(map(short, self.artifacts))}"


class AttestationsFound(Value):
    """The newest evidence of each kind first; *left_out* counts what a ruling does not need."""

    attestations: tuple[Attestation, ...]
    left_out: int = 0


class FetchEvidence(Message):
    """Give out the file of *digest*."""

    digest: Digest

    def __str__(self) -> str:
        return f"fetch evidence {short(self.digest)}"


class SignDecision(Message):
    """Sign *decision*, and keep it as evidence about the builds that it is about."""

    decision: ReleaseDecision

    def __str__(self) -> str:
        return f"sign {self.decision} of {self.decision.release}"


class SignedDecision(Value):
    """Where the signed decision is kept, and the digest of its envelope."""

    digest: Digest
    location: str

    def __str__(self) -> str:
        return f"signed decision {self.digest}"


class ReadVerificationKeys(Message):
    """With which public keys are our decisions checked?"""

    def __str__(self) -> str:
        return "read the public keys of signed decisions"


class VerificationKeys(Value):
    """Public keys in PEM, the newest last; *name* is what the vault calls them."""

    name: str
    pems: tuple[str, ...]


class AttestationsPort(Port):
    queue = Queue.ATTESTATIONS

    @limited(attempt=timedelta(seconds=60), total=timedelta(minutes=5))
    @abstractmethod
    def add_evidence(self, ask: AddEvidence) -> AddedEvidence:
        """Read the file, keep it under its digest, locked, and sign what build it belongs to.

        Idempotent: a file that is about the build already is left as it was first received.

        Raises:
            Refused: not readable, of another type than said, about another build, or too large;
                nothing is kept. Not retried.
            TargetMissing: the settings name no place for evidence; not retried.
            Unavailable: store, ledger or vault do not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=60), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def read_attestations(self, ask: ReadAttestations) -> AttestationsFound:
        """Read every file again, with the signatures on it and on its receipt.

        What cannot be believed is told with its flaw, never left out.

        Raises:
            TargetMissing: the settings name no place for evidence; not retried.
            Unavailable: store, ledger or vault do not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def fetch_evidence(self, ask: FetchEvidence) -> SentFile:
        """The file, whose digest was checked.

        Raises:
            TargetMissing: it is not kept; not retried.
            Refused: it is too large to be sent; not retried.
            Unavailable: the store does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=60), total=timedelta(minutes=10))
    @abstractmethod
    def sign_decision(self, ask: SignDecision) -> SignedDecision:
        """Sign the decision with the vault's key and keep the envelope, locked.

        Idempotent: the same decision is the same statement; a second envelope of it says nothing
        else.

        Raises:
            TargetMissing: the settings name no place for evidence; not retried.
            Unavailable: store, ledger or vault do not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def read_verification_keys(self, ask: ReadVerificationKeys) -> VerificationKeys:
        """Every version of the key, so that older decisions can be checked as well.

        Raises:
            TargetMissing: the settings name no place for evidence; not retried.
            Unavailable: the vault does not answer; retried within the limits.
        """
