"""Reading files of evidence: each module knows some formats, and trusts none of them."""

from activities.attestations.readers.sniffing import MOST_BYTES, read_evidence
from activities.attestations.readers.unreadable import Unreadable

__all__ = ["MOST_BYTES", "Unreadable", "read_evidence"]
