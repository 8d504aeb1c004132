"""How the ledger's schema came to be, one revision after another; see `versions/`."""
