"""What each worker pool may do in OpenBao: its own path and nothing beside it."""

from infra.local.home import ENVIRONMENTS

TRANSIT_KEY = "lockgate-payloads"

DECISIONS_KEY = "lockgate-decisions"
"""What signs decisions, and the receipts of evidence."""

LEDGER_LOGIN = "lockgate-ledger"
"""The database role whose leased logins the ledger is used with."""

AUDIT_KEY = "lockgate-audit"
"""Signs checkpoints of the audit record and evidence packs; its private half never leaves."""

LEASE_ROLE = "lockgate-lease"
"""The token role of leases: each lease is a child token that can do nothing else."""

_PAYLOADS = {
    f"transit/datakey/plaintext/{TRANSIT_KEY}": ["update"],
    f"transit/decrypt/{TRANSIT_KEY}": ["update"],
}
_OWN_TOKEN = {
    "auth/token/lookup-self": ["read"],
    "auth/token/renew-self": ["update"],
    "auth/token/revoke-self": ["update"],
}
_RENEW_AND_REVOKE = {"sys/leases/renew": ["update"], "sys/leases/revoke": ["update"]}
_LOOK_UP = {"sys/leases/lookup": ["update"]}
_LEDGER = {f"database/creds/{LEDGER_LOGIN}": ["read"]}

_BEYOND_COMMON: dict[str, dict[str, list[str]]] = {
    "stories": {},
    "cloud": {"kv/data/s3/*": ["read"]},
    "traffic": {},
    "flags": {},
    "vault": _LEDGER
    | _RENEW_AND_REVOKE
    | _LOOK_UP
    | {"auth/token/revoke-accessor": ["update"], "auth/token/lookup-accessor": ["update"]},
    "monitoring": {},
    "identity": {},
    "journeys": {"kv/data/journeys/*": ["read"]},
    "data": _LEDGER | {f"auth/token/create/{LEASE_ROLE}": ["update"]},
    "audit": _LEDGER
    | {
        "kv/data/s3/*": ["read"],
        f"transit/sign/{AUDIT_KEY}": ["update"],
        f"transit/keys/{AUDIT_KEY}": ["read"],
    }
    | _RENEW_AND_REVOKE,
    "attestations": _LEDGER
    | {
        "kv/data/s3/*": ["read"],
        f"transit/sign/{DECISIONS_KEY}": ["update"],
        # Public keys alone: policies may name keys of this engine as signers.
        "transit/keys/*": ["read"],
    }
    | _RENEW_AND_REVOKE,
    "decisions": {},
    "sources": {
        "kv/data/s3/*": ["read"],
        "kv/data/git/*": ["read"],
        "kv/data/pagers/*": ["read"],
    },
    "calendars": {"kv/data/calendars/*": ["read"]},
    "alerts": {"kv/data/alertmanager/*": ["read"]},
    "notices": {"kv/data/mail/*": ["read"]},
    "environments": {"kv/data/environments/*": ["read"]},
}

POOLS = tuple(_BEYOND_COMMON)


def policy(pool: str) -> str:
    """The pool's policy in OpenBao's language."""
    allowed = _PAYLOADS | _OWN_TOKEN | _BEYOND_COMMON[pool]
    return "\n".join(_rule(path, capabilities) for path, capabilities in allowed.items())


def lease_policy() -> str:
    """What one lease's own token may do: take a login of a shop database, renew it, end it."""
    logins = {f"database/creds/shop-{environment}-read": ["read"] for environment in ENVIRONMENTS}
    allowed = logins | _RENEW_AND_REVOKE | _OWN_TOKEN
    return "\n".join(_rule(path, capabilities) for path, capabilities in allowed.items())


def _rule(path: str, capabilities: list[str]) -> str:
    listed = ", ".join(f'"{capability}"' for capability in capabilities)
    return f'path "{path}" {{\n  capabilities = [{listed}]\n}}\n'
