"""The audit record in a database that only grows, and the leases that are still open."""

from activities.evidence.activities import EvidenceActivities
from activities.evidence.ledger import Ledger, SignIn, ledger, open_ledger

__all__ = ["EvidenceActivities", "Ledger", "SignIn", "ledger", "open_ledger"]
