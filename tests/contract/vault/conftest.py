"""The database engine of an OpenBao, leasing logins of a PostgreSQL, as the local stack has it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from activities.databases import DATABASES, DatabasesActivities
from activities.ledger import open_ledger
from activities.secrets import Leases, SecretsActivities, open_vault
from infra.local.component import Site
from infra.local.credentials import keep_credentials
from infra.local.home import Home

CANARY = "canary-5f1c-of-the-password"
READER = [
    "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';",
    'GRANT pg_read_all_data TO "{{name}}";',
]
POLICIES = {
    "data": 'path "auth/token/create/lockgate-lease" { capabilities = ["update"] }\n'
    'path "auth/token/renew-self" { capabilities = ["update"] }\n'
    'path "secret/data/shop" { capabilities = ["read"] }\n'
    'path "secret/data/none" { capabilities = ["read"] }',
    "vault": 'path "auth/token/revoke-accessor" { capabilities = ["update"] }\n'
    'path "auth/token/renew-self" { capabilities = ["update"] }',
    "lockgate-lease": 'path "database/creds/shop-read" { capabilities = ["read"] }\n'
    'path "database/creds/none" { capabilities = ["read"] }\n'
    'path "sys/leases/renew" { capabilities = ["update"] }\n'
    'path "sys/leases/revoke" { capabilities = ["update"] }\n'
    'path "auth/token/renew-self" { capabilities = ["update"] }\n'
    'path "auth/token/revoke-self" { capabilities = ["update"] }',
}
TOKEN_ROLE = {
    "allowed_policies": ["lockgate-lease"],
    "orphan": False,
    "renewable": True,
    "token_no_default_policy": True,
    "token_explicit_max_ttl": "20m",
}


@dataclass(frozen=True)
class Shop:
    """Where the data to check is, as the worker's settings say it."""

    host: str
    port: int
    name: str
    vault_role: str = "shop-read"
    type: str = "postgresql"


@pytest.fixture
def shop(postgres):
    name = postgres.database()
    with postgres.connect(name) as link:
        link.execute("CREATE TABLE orders (id int, cents bigint)")
        link.execute("INSERT INTO orders VALUES (1, 300), (2, 400)")
    return Shop(host="127.0.0.1", port=postgres.port, name=name)


@pytest.fixture
def bao(openbao, shop):
    root = openbao.root
    root.sys.enable_secrets_engine("database")
    root.sys.enable_auth_method("approle")
    place = f"127.0.0.1:{shop.port}/{shop.name}?sslmode=disable"
    connection = {
        "plugin_name": "postgresql-database-plugin",
        "allowed_roles": "*",
        "connection_url": "postgresql://{{username}}:{{password}}@" + place,
        "username": "app",
        "password": CANARY,
    }
    root.write_data("database/config/shop", data=connection)
    role = {"db_name": "shop", "creation_statements": READER, "default_ttl": "60s"}
    root.write_data("database/roles/shop-read", data={**role, "max_ttl": "15m"})
    for name, policy in POLICIES.items():
        root.sys.create_or_update_policy(name, policy)
    root.write_data("auth/token/roles/lockgate-lease", data=TOKEN_ROLE)
    return openbao


@pytest.fixture
def book(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.dispose()


@pytest.fixture
def approle(bao, tmp_path):
    return bao.admit("data", tmp_path, token_policies=["data"], token_ttl="20m")


@pytest.fixture
def vault(bao, approle):
    return open_vault(bao.connect, approle)


@pytest.fixture
def now():
    """The leases' clock; a test turns it on."""
    return [0.0]


@pytest.fixture
def leases(bao, vault, book, now):
    return Leases(vault, book, connect=bao.connect, clock=lambda: now[0])


@pytest.fixture
def cleaner(bao, book, tmp_path):
    place = bao.admit("vault", tmp_path, token_policies=["vault"], token_ttl="20m")
    return SecretsActivities(open_vault(bao.connect, place), book)


@pytest.fixture
def checks(shop, leases):
    every = timedelta(milliseconds=20)
    return DatabasesActivities({"shop": shop}, leases, kinds=DATABASES, every=every)


@pytest.fixture
def leased(postgres):
    """The logins that exist because the test's vault leased them."""
    with postgres.connect() as link:

        def logins():
            return {row[0] for row in link.execute("SELECT rolname FROM pg_roles")}

        before = logins()
        yield lambda: sorted(logins() - before)


@pytest.fixture
def querying(postgres, shop):
    """Whether a check's query runs now."""
    running = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = %s AND application_name = 'lockgate' AND state = 'active'"
    )
    with postgres.connect() as link:
        yield lambda: link.execute(running, [shop.name]).fetchone()[0] > 0


@pytest.fixture
def site_of(tmp_path):
    """A stack's directory whose OpenBao is somewhere else."""

    def site(url):
        home = Home(tmp_path / "stack")
        home.create()
        port = int(url.rpartition(":")[2])
        return Site(home, ports={"openbao": port}, credentials=keep_credentials(home))

    return site
