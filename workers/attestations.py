"""Evidence as the settings name its place: a locked bucket, the ledger's index, a transit key."""

from datetime import timedelta

from activities.attestations import (
    AttestationIndex,
    AttestationsActivities,
    EvidenceRoom,
    S3Archive,
    TransitKeys,
)
from workers.aws import aws_client
from workers.health import Dependency
from workers.parts import Parts


def room_of(parts: Parts) -> EvidenceRoom | None:
    """The place of evidence; None where the settings name none."""
    entry = parts.settings.attestations
    if entry is None:
        return None
    archive = S3Archive(
        client=aws_client(parts, "s3", entry),
        bucket=entry.bucket,
        mode=entry.lock,
        retention=timedelta(days=entry.retention_days),
    )
    return EvidenceRoom(
        archive,
        AttestationIndex(parts.ledger),
        TransitKeys(parts.vault),
        signing_key=entry.signing_key,
    )


def attestations_of(parts: Parts) -> tuple[AttestationsActivities, tuple[Dependency, ...]]:
    """The evidence room, and what it needs; without a place for evidence it refuses each ask."""
    entry = parts.settings.attestations
    if entry is None:
        return AttestationsActivities(None), ()
    client = aws_client(parts, "s3", entry)

    def ping() -> None:
        client().head_bucket(Bucket=entry.bucket)

    where = entry.endpoint or f"AWS {entry.region}"
    needs = (
        parts.vault_need,
        parts.ledger_need,
        Dependency("attestations.bucket", f"bucket {entry.bucket} at {where}", ping),
    )
    return AttestationsActivities(room_of(parts)), needs
