"""The database that outlives Temporal's retention: the audit record, and leases still open."""

from activities.ledger.ledger import Ledger, SignIn, ledger, open_ledger
from activities.ledger.upgrading import LedgerUnfit

__all__ = ["Ledger", "LedgerUnfit", "SignIn", "ledger", "open_ledger"]
