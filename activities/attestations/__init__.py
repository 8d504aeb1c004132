"""Evidence about builds: files in a locked bucket, receipts that are signed, an index."""

from activities.attestations.activities import AttestationsActivities
from activities.attestations.archive import S3Archive
from activities.attestations.index import AttestationIndex
from activities.attestations.room import EvidenceRoom
from activities.attestations.transit import TransitKeys

__all__ = [
    "AttestationIndex",
    "AttestationsActivities",
    "EvidenceRoom",
    "S3Archive",
    "TransitKeys",
]
