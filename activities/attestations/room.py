"""The evidence room: files, the signed receipts that say whose they are, and what they say."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator
from datetime import datetime

from activities.attestations.archive import Archive
from activities.attestations.index import AttestationIndex, Listed
from activities.attestations.readers import Unreadable, read_evidence
from activities.attestations.readers.sniffing import Evidence
from activities.attestations.transit import TransitKeys
from workflows.domain.attestations import dsse
from workflows.domain.attestations.attestation import Attestation, made_at
from workflows.domain.attestations.dsse import Envelope, EnvelopeInvalid
from workflows.domain.attestations.receipt import Receipt, read_receipt, receipt_statement
from workflows.domain.attestations.signers import TrustedKey
from workflows.domain.attestations.statement import StatementInvalid
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.canonical import read_json
from workflows.domain.errors import ArtifactMismatch, Refused, TargetMissing
from workflows.domain.values import Digest, digest_of, short

_REMEMBERED = 256
_MOST_REMEMBERED_BYTES = 256 * 1024


class EvidenceRoom:
    """Takes files in and looks at them again whenever they are asked about.

    Neither the index nor the bucket is believed: a file is what its digest says, and belongs to
    the build that its receipt names, which is signed by the vault's key *signing_key*.
    """

    def __init__(
        self, archive: Archive, index: AttestationIndex, keys: TransitKeys, *, signing_key: str
    ) -> None:
        self._archive = archive
        self._index = index
        self._keys = keys
        self.signing_key = signing_key
        self._readings = _Readings()

    def take_in(
        self,
        content: bytes,
        artifact: Digest,
        *,
        added_by: str,
        at: datetime,
        type: EvidenceType | None = None,
    ) -> tuple[Attestation, bool]:
        """Keep *content* as evidence about *artifact*; whether it was kept for it before.

        Raises:
            Refused: not readable, of another type than *type*, or about other builds.
            Unavailable: store, ledger or vault do not answer.
        """
        digest = digest_of(content)
        try:
            evidence = read_evidence(content)
        except Unreadable as error:
            raise Refused(f"evidence {short(digest)}: {error}; nothing was kept") from error
        _fits(evidence, digest, artifact, type)
        self._archive.keep(_file_key(digest), content)
        receipt = Receipt(
            artifact=artifact,
            digest=digest,
            type=evidence.reading.type,
            size=len(content),
            added_by=added_by,
            received_at=at,
        )
        first = self._receipt_kept(receipt)
        added = self._index.add(first)
        return _attestation(first, evidence, keys=()), not added

    def about(
        self, artifacts: Collection[Digest], keys: Collection[TrustedKey]
    ) -> Iterator[Attestation]:
        """Everything that is listed about *artifacts*, read again and checked with *keys*.

        Raises:
            TargetMissing: one of *keys* is not in the vault.
            Refused: one of *keys* is of a type that is not checked here.
            Unavailable: store, ledger or vault do not answer.
        """
        pems = {key.id: self._pems(key) for key in keys}
        for listed in self._index.about(artifacts):
            yield self._looked_at(listed, pems)

    def file(self, digest: Digest) -> bytes:
        """The file's bytes.

        Raises:
            TargetMissing: it is not kept.
            ArtifactMismatch: other bytes lie in its place.
        """
        content = self._archive.find(_file_key(digest))
        if content is None:
            raise TargetMissing(f"{self.location(digest)}: no such evidence is kept")
        if (found := digest_of(content)) != digest:
            raise ArtifactMismatch(f"{self.location(digest)}: found bytes of {found}")
        return content

    def location(self, digest: Digest) -> str:
        return self._archive.location(_file_key(digest))

    def sign(self, payload: bytes) -> str:
        """The envelope of *payload*, signed by the vault's key."""
        signed = self._keys.sign(self.signing_key, dsse.pre_authentication(payload))
        return dsse.sealed(payload, [signed])

    def public_keys(self) -> tuple[str, ...]:
        """Every version of the key that signs here, oldest first."""
        return self._keys.public_keys(self.signing_key)

    def _receipt_kept(self, receipt: Receipt) -> Receipt:
        """The receipt of this file for this build that was written first.

        Raises:
            Refused: what lies in its place is no receipt of ours.
        """
        key = _receipt_key(receipt.artifact, receipt.digest)
        if self._archive.find(key) is None:
            self._archive.keep(key, self.sign(receipt_statement(receipt)).encode())
        try:
            return self._receipt(receipt.artifact, receipt.digest)
        except _Disbelieved as problem:
            raise Refused(f"{self._archive.location(key)}: {problem}") from problem

    def _looked_at(self, listed: Listed, pems: dict[str, tuple[str, ...]]) -> Attestation:
        try:
            receipt = self._receipt(listed.artifact, listed.digest)
            evidence = self._evidence(listed.digest)
            _fits(evidence, listed.digest, listed.artifact, receipt.type)
        except (_Disbelieved, Unreadable, Refused) as problem:
            return Attestation(
                artifact=listed.artifact,
                type=EvidenceType(listed.type),
                digest=listed.digest,
                at=listed.received_at,
                size=listed.size,
                added_by=listed.added_by,
                flaw=str(problem)[:1000],
            )
        return _attestation(receipt, evidence, keys=tuple(_verified(evidence.envelope, pems)))

    def _receipt(self, artifact: Digest, digest: Digest) -> Receipt:
        sealed = self._archive.find(_receipt_key(artifact, digest))
        if sealed is None:
            raise _Disbelieved("it has no receipt")
        try:
            document = read_json(sealed)
            envelope = dsse.opened(document if isinstance(document, dict) else {})
            if not self._is_ours(envelope):
                raise _Disbelieved("its receipt is not signed by this Lockgate")
            receipt = read_receipt(envelope.payload)
        except (StatementInvalid, EnvelopeInvalid, ValueError) as error:
            raise _Disbelieved(f"its receipt cannot be read: {error}") from error
        if (receipt.artifact, receipt.digest) != (artifact, digest):
            raise _Disbelieved(
                f"its receipt is about {short(receipt.digest)} of {short(receipt.artifact)}"
            )
        return receipt

    def _is_ours(self, envelope: Envelope) -> bool:
        """Whether a version of our key signed it, even one that was made a moment ago."""
        return any(
            dsse.verifies(envelope, pem)
            for anew in (False, True)
            for pem in self._keys.public_keys(self.signing_key, anew=anew)
        )

    def _evidence(self, digest: Digest) -> Evidence:
        if (known := self._readings.of(digest)) is not None:
            return known
        try:
            content = self.file(digest)
        except (TargetMissing, ArtifactMismatch) as error:
            raise _Disbelieved(str(error)) from error
        evidence = read_evidence(content)
        if len(content) <= _MOST_REMEMBERED_BYTES:
            self._readings.remember(digest, evidence)
        return evidence

    def _pems(self, key: TrustedKey) -> tuple[str, ...]:
        if key.pem is not None:
            return (key.pem,)
        return self._keys.public_keys(key.transit or "")


class _Disbelieved(Exception):
    """What is kept is not what was kept; the text says how that shows."""


class _Readings:
    """What small files said; a digest stands for the same bytes for ever."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._known: OrderedDict[Digest, Evidence] = OrderedDict()

    def of(self, digest: Digest) -> Evidence | None:
        with self._turn:
            found = self._known.get(digest)
            if found is not None:
                self._known.move_to_end(digest)
            return found

    def remember(self, digest: Digest, evidence: Evidence) -> None:
        with self._turn:
            self._known[digest] = evidence
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def _fits(evidence: Evidence, digest: Digest, artifact: Digest, type: EvidenceType | None) -> None:
    reading = evidence.reading
    if type is not None and reading.type != type:
        raise Refused(
            f"evidence {short(digest)}: it is a {reading.type}, expected a {type}; "
            "nothing was kept"
        )
    if reading.artifacts and artifact not in reading.artifacts:
        named = ", ".join(reading.artifacts[:3])
        raise Refused(
            f"evidence {short(digest)}: it is about {named}, not about {artifact}; "
            "nothing was kept"
        )


def _attestation(receipt: Receipt, evidence: Evidence, *, keys: tuple[str, ...]) -> Attestation:
    reading = evidence.reading
    return Attestation(
        artifact=receipt.artifact,
        type=reading.type,
        digest=receipt.digest,
        at=made_at(reading.produced_at, received_at=receipt.received_at),
        size=receipt.size,
        added_by=receipt.added_by,
        signed=reading.signed,
        keys=keys,
        figures=reading.figures,
    )


def _verified(envelope: Envelope | None, pems: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """The ids of the keys that verify the envelope.

    Raises:
        Refused: a key is of a type that is not checked here.
    """
    if envelope is None:
        return
    for name, versions in pems.items():
        try:
            if any(dsse.verifies(envelope, pem) for pem in versions):
                yield name
        except EnvelopeInvalid as error:
            raise Refused(f"signer's key {name}: {error}") from error


def _file_key(digest: Digest) -> str:
    return f"files/{digest.removeprefix('sha256:')}"


def _receipt_key(artifact: Digest, digest: Digest) -> str:
    return f"receipts/{artifact.removeprefix('sha256:')}/{digest.removeprefix('sha256:')}"
