"""OpenBao's contents: engines, one AppRole per worker pool, people and their identity provider.

Each step writes what should be there, so that a repeated or interrupted set-up ends the same.
"""

import json
import secrets
from pathlib import Path
from typing import Any

import hvac
import requests
import tomli_w

from infra.local.cloud import AWS_KEYS
from infra.local.component import Site
from infra.local.database import LEDGER, LEDGER_ROLE, VAULT_ROLE
from infra.local.home import ENVIRONMENTS, write_private
from infra.local.vault_policies import (
    AUDIT_KEY,
    DECISIONS_KEY,
    LEASE_ROLE,
    LEDGER_LOGIN,
    POOLS,
    TRANSIT_KEY,
    lease_policy,
    policy,
)

PROVIDER = "lockgate"
GROUPS = {"sre": ("ana", "ben"), "product": ("eve",), "security": ()}
PEOPLE = tuple(sorted({person for members in GROUPS.values() for person in members}))

_ENGINES = {"kv": {"version": "2"}, "database": {}, "transit": {}}
_LOGINS = ("approle", "userpass", "jwt")

_REDIRECTS = ["http://127.0.0.1/callback", "http://localhost/callback"]
_SCOPE = '{"groups": {{identity.entity.groups.names}}, "username": {{identity.entity.name}}}'

_CREATE_READER = [
    "CREATE ROLE \"{{{{name}}}}\" LOGIN PASSWORD '{{{{password}}}}'",
    "ALTER ROLE \"{{{{name}}}}\" VALID UNTIL '{{{{expiration}}}}'",
    'GRANT pg_read_all_data TO "{{{{name}}}}"',
    'GRANT CONNECT ON DATABASE {database} TO "{{{{name}}}}"',
]
_CREATE_LEDGER_LOGIN = [
    "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';",
    f'GRANT {LEDGER_ROLE} TO "{{{{name}}}}";',
    f'ALTER ROLE "{{{{name}}}}" SET ROLE {LEDGER_ROLE};',
]
_END_LEDGER_LOGIN = [
    'ALTER ROLE "{{name}}" NOLOGIN;',
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}';",
    'DROP ROLE IF EXISTS "{{name}}";',
]
# A session outlives its role's password: revoked means nobody is left inside.
_REVOKE_READER = [
    'ALTER ROLE "{{{{name}}}}" NOLOGIN',
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{{{name}}}}'",
    'REVOKE ALL ON DATABASE {database} FROM "{{{{name}}}}"',
    'DROP ROLE IF EXISTS "{{{{name}}}}"',
]


def configure(site: Site, *, token: str) -> None:
    """Bring OpenBao to the contents that the stack promises; harmless when repeated.

    Raises:
        hvac.exceptions.VaultError: OpenBao refuses a step, or is not ready for writes yet.
        requests.RequestException: OpenBao does not answer.
    """
    with requests.Session() as session:
        session.trust_env = False  # a proxy has no business on loopback
        session.headers["X-Vault-Token"] = token
        client = hvac.Client(url=site.url("openbao"), token=token, session=session, timeout=5)
        _enable(client)
        _store_keys(client, site)
        _lease_databases(client, site)
        _lease_ledger(client, site)
        client.write_data(f"transit/keys/{TRANSIT_KEY}", data={"type": "aes256-gcm96"})
        client.write_data(f"transit/keys/{AUDIT_KEY}", data={"type": "ed25519"})
        client.write_data(f"transit/keys/{DECISIONS_KEY}", data={"type": "ed25519"})
        _prepare_leases(client)
        for pool in POOLS:
            _admit_pool(client, pool, folder=site.home.approles / pool)
        _introduce_people(client, site.home.vault / "people.json")
        _provide_identity(client, site)


def _enable(client: hvac.Client) -> None:
    mounted = client.sys.list_mounted_secrets_engines()["data"]
    for engine, options in _ENGINES.items():
        if f"{engine}/" not in mounted:
            client.sys.enable_secrets_engine(engine, path=engine, options=options)
    admitted = client.sys.list_auth_methods()["data"]
    for login in _LOGINS:
        if f"{login}/" not in admitted:
            client.sys.enable_auth_method(login, path=login)


def _store_keys(client: hvac.Client, site: Site) -> None:
    known = site.credentials
    for path, access, secret in (
        ("s3/local", known.s3_access_key, known.s3_secret_key),
        (AWS_KEYS, known.aws_access_key, known.aws_secret_key),
    ):
        keys = {"access_key": access, "secret_key": secret}
        client.write_data(f"kv/data/{path}", data={"data": keys})


def _lease_databases(client: hvac.Client, site: Site) -> None:
    for environment in ENVIRONMENTS:
        leased = f"shop-{environment}-read"
        database = f"shop_{environment}"
        _connect_database(client, site, f"shop-{environment}", database=database, leased=leased)
        role = {
            "db_name": f"shop-{environment}",
            "creation_statements": _for(database, _CREATE_READER),
            "revocation_statements": _for(database, _REVOKE_READER),
            "default_ttl": "60s",
            "max_ttl": "15m",
        }
        client.write_data(f"database/roles/{leased}", data=role)


def _lease_ledger(client: hvac.Client, site: Site) -> None:
    """Logins that all act as one role, so that what one of them made is everybody's."""
    _connect_database(client, site, LEDGER, database=LEDGER, leased=LEDGER_LOGIN)
    role = {
        "db_name": LEDGER,
        "creation_statements": _CREATE_LEDGER_LOGIN,
        "revocation_statements": _END_LEDGER_LOGIN,
        "default_ttl": "1h",
        "max_ttl": "24h",
    }
    client.write_data(f"database/roles/{LEDGER_LOGIN}", data=role)


def _connect_database(
    client: hvac.Client, site: Site, name: str, *, database: str, leased: str
) -> None:
    address = f"127.0.0.1:{site.ports['postgres']}/{database}?sslmode=disable"
    connection = {
        "plugin_name": "postgresql-database-plugin",
        "allowed_roles": [leased],
        "connection_url": "postgresql://{{username}}:{{password}}@" + address,
        "username": VAULT_ROLE,
        "password": site.credentials.postgres_vault,
        # PostgreSQL starts at the same time; the first lease opens the connection.
        "verify_connection": False,
    }
    client.write_data(f"database/config/{name}", data=connection)


def _prepare_leases(client: hvac.Client) -> None:
    """Each lease gets a child token of its own, so that revoking the token ends the lease."""
    client.sys.create_or_update_policy(LEASE_ROLE, lease_policy())
    role = {
        "allowed_policies": [LEASE_ROLE],
        "orphan": False,
        "renewable": True,
        "token_no_default_policy": True,
        "token_explicit_max_ttl": "20m",
    }
    client.write_data(f"auth/token/roles/{LEASE_ROLE}", data=role)


def _for(database: str, statements: list[str]) -> list[str]:
    return [statement.format(database=database) + ";" for statement in statements]


def _admit_pool(client: hvac.Client, pool: str, *, folder: Path) -> None:
    client.sys.create_or_update_policy(f"lockgate-{pool}", policy(pool))
    role = {
        "token_policies": [f"lockgate-{pool}"],
        "token_no_default_policy": True,
        "token_ttl": "20m",
        "token_max_ttl": "1h",
    }
    path = f"auth/approle/role/{pool}"
    client.write_data(path, data=role)
    if (folder / "secret-id").exists():
        return
    role_id = client.read(f"{path}/role-id")["data"]["role_id"]
    secret_id = client.write_data(f"{path}/secret-id", data={})["data"]["secret_id"]
    write_private(folder / "role-id", role_id)
    write_private(folder / "secret-id", secret_id)


def _introduce_people(client: hvac.Client, passwords: Path) -> None:
    if not passwords.exists():
        made = {person: secrets.token_urlsafe(12) for person in PEOPLE}
        write_private(passwords, json.dumps(made, indent=2) + "\n")
    known: dict[str, str] = json.loads(passwords.read_text("utf-8"))
    accessor = client.sys.list_auth_methods()["data"]["userpass/"]["accessor"]
    entities = {}
    for person in PEOPLE:
        login = {"password": known[person], "token_ttl": "1h", "token_max_ttl": "8h"}
        client.write_data(f"auth/userpass/users/{person}", data=login)
        client.write_data("identity/entity", data={"name": person})
        entities[person] = client.read(f"identity/entity/name/{person}")["data"]["id"]
        alias = {"name": person, "canonical_id": entities[person], "mount_accessor": accessor}
        client.write_data("identity/entity-alias", data=alias)
    for group, members in GROUPS.items():
        listed = [entities[person] for person in members]
        client.write_data("identity/group", data={"name": group, "member_entity_ids": listed})


def _provide_identity(client: hvac.Client, site: Site) -> None:
    """An OpenID provider whose tokens name the person, the groups and the decision (`nonce`)."""
    key: dict[str, Any] = {"algorithm": "ES256", "allowed_client_ids": ["*"]}
    client.write_data(f"identity/oidc/key/{PROVIDER}", data=key)
    audience = {
        "key": PROVIDER,
        "client_type": "public",
        "redirect_uris": _REDIRECTS,
        "assignments": ["allow_all"],
        "id_token_ttl": "5m",
        "access_token_ttl": "5m",
    }
    client.write_data(f"identity/oidc/client/{PROVIDER}", data=audience)
    client.write_data("identity/oidc/scope/groups", data={"template": _SCOPE})
    client_id = client.read(f"identity/oidc/client/{PROVIDER}")["data"]["client_id"]
    provider = {
        "issuer": site.url("openbao"),
        "allowed_client_ids": [client_id],
        "scopes_supported": ["groups"],
    }
    client.write_data(f"identity/oidc/provider/{PROVIDER}", data=provider)
    known = {
        "issuer": f"{site.url('openbao')}/v1/identity/oidc/provider/{PROVIDER}",
        "client_id": client_id,
        "scopes": ["openid", "groups"],
    }
    write_private(site.home.identity, tomli_w.dumps(known))
