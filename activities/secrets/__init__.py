"""The vault: short leases of what a release needs, and nothing left of them at its end."""

from activities.secrets.activities import SecretsActivities
from activities.secrets.leases import Lease, LeaseBook, Leases
from activities.secrets.vault import Connect, Vault, VaultClient, VaultSession, open_vault

__all__ = [
    "Connect",
    "Lease",
    "LeaseBook",
    "Leases",
    "SecretsActivities",
    "Vault",
    "VaultClient",
    "VaultSession",
    "open_vault",
]
