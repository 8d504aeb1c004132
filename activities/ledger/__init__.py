"""The database that outlives Temporal's retention: the audit record, and leases still open."""

from activities.ledger.ledger import Ledger, SignIn, ledger, open_ledger

__all__ = ["Ledger", "SignIn", "ledger", "open_ledger"]
