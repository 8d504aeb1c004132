"""PostgreSQL: the shop's databases, the ledger's, their owners, and who leases logins to them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from infra.local.binaries import binary
from infra.local.component import Component, Site
from infra.local.errors import StackError
from infra.local.home import ENVIRONMENTS, write_private

SUPERUSER = "postgres"
VAULT_ROLE = "lockgate_vault"
GOLDEN = "golden"
LEDGER = "lockgate"
LEDGER_ROLE = "lockgate_ledger"
"""Whom every leased login acts as: tables that one of them made are all of theirs."""

_NOBODY = 65534
_CAPABILITY_BITS = {"dac_override": 1, "dac_read_search": 2}


def _command(site: Site) -> list[str]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(site.ports["postgres"]),
        "unix_socket_directories": "",
        "max_connections": "200",
        # A kill of the process loses nothing without these; only a crash of the machine would.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    command = [*unprivileged(), str(binary("postgres")), "-D", str(site.home.data("postgres"))]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def unprivileged() -> list[str]:
    """The command prefix that drops root, which PostgreSQL refuses to run as.

    One capability stays: to pass through directories that only root may enter, as the state
    directory and often the clone itself are.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StackError(
            "postgres: cannot run as root and `setpriv` is missing; install util-linux, "
            "or run as another user"
        )
    prefix = [setpriv, f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    kept = _passing_capability(Path("/proc/self/status").read_text("utf-8"))
    if kept is None:
        return prefix
    return [
        *prefix,
        f"--inh-caps=-all,+{kept}",
        f"--ambient-caps=+{kept}",
        f"--bounding-set=-all,+{kept}",
    ]


def _passing_capability(status: str) -> str | None:
    """The narrowest capability of this container that lets a process enter any directory."""
    line = next(line for line in status.splitlines() if line.startswith("CapBnd:"))
    bounding = int(line.split()[1], 16)
    for name in ("dac_read_search", "dac_override"):
        if bounding >> _CAPABILITY_BITS[name] & 1:
            return name
    return None


def _prepare(site: Site) -> None:
    """Make the cluster beside its place and move it there, so that no half one is ever used."""
    cluster = site.home.data("postgres")
    if cluster.exists():
        return
    unfinished = cluster.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password = site.home.root / "postgres.password"
    write_private(password, site.credentials.postgres_superuser)
    if os.geteuid() == 0:
        os.chown(unfinished, _NOBODY, _NOBODY)
        os.chown(password, _NOBODY, _NOBODY)
    command = [*unprivileged(), str(binary("initdb")), "-D", str(unfinished), "-U", SUPERUSER]
    command += ["-A", "scram-sha-256", f"--pwfile={password}"]
    command += ["--no-locale", "-E", "UTF8", "--no-sync"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    finally:
        password.unlink()
    if done.returncode != 0:
        raise StackError(f"postgres: initdb failed: {done.stderr.strip()}")
    unfinished.rename(cluster)


def _connect(site: Site, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1",
        port=site.ports["postgres"],
        dbname=database,
        user=SUPERUSER,
        password=site.credentials.postgres_superuser,
        connect_timeout=2,
        autocommit=True,
    )


def _problem(site: Site) -> str | None:
    try:
        _connect(site).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[-1]
    return None


def _settle(site: Site) -> None:
    with _connect(site) as connection:
        _role(connection, VAULT_ROLE, site.credentials.postgres_vault)
        connection.execute(f"ALTER ROLE {VAULT_ROLE} CREATEROLE")
        connection.execute(f"GRANT pg_read_all_data TO {VAULT_ROLE} WITH ADMIN OPTION")
        connection.execute(f"GRANT pg_signal_backend TO {VAULT_ROLE}")
        _database(connection, GOLDEN, options="IS_TEMPLATE true")
        for environment in ENVIRONMENTS:
            owner = f"shop_{environment}"
            password = site.credentials.postgres_owner(environment)
            _role(connection, owner, password)
            _database(connection, owner, options=f"TEMPLATE {GOLDEN} OWNER {owner}")
            connection.execute(f"REVOKE CONNECT ON DATABASE {owner} FROM PUBLIC")
            connection.execute(
                f"GRANT CONNECT ON DATABASE {owner} TO {VAULT_ROLE} WITH GRANT OPTION"
            )
            _write_workload_credentials(site, environment)
        _settle_ledger(connection)


def _settle_ledger(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    query = "SELECT 1 FROM pg_roles WHERE rolname = %s"
    if connection.execute(query, [LEDGER_ROLE]).fetchone() is None:
        connection.execute(f"CREATE ROLE {LEDGER_ROLE} NOLOGIN")
    connection.execute(f"GRANT {LEDGER_ROLE} TO {VAULT_ROLE} WITH ADMIN OPTION")
    _database(connection, LEDGER, options=f"OWNER {LEDGER_ROLE}")
    connection.execute(f"REVOKE CONNECT ON DATABASE {LEDGER} FROM PUBLIC")
    connection.execute(f"GRANT CONNECT ON DATABASE {LEDGER} TO {LEDGER_ROLE}")


def _role(connection: psycopg.Connection[tuple[object, ...]], name: str, password: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    statement = sql.SQL("{verb} ROLE {name} LOGIN PASSWORD {password}").format(
        verb=sql.SQL("ALTER" if found else "CREATE"),
        name=sql.Identifier(name),
        password=sql.Literal(password),
    )
    connection.execute(statement)


def _database(
    connection: psycopg.Connection[tuple[object, ...]], name: str, *, options: str
) -> None:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    if connection.execute(query, [name]).fetchone() is None:
        connection.execute(f"CREATE DATABASE {name} {options}")


def _write_workload_credentials(site: Site, environment: str) -> None:
    login = {
        "host": "127.0.0.1",
        "port": site.ports["postgres"],
        "dbname": f"shop_{environment}",
        "user": f"shop_{environment}",
        "password": site.credentials.postgres_owner(environment),
    }
    path = site.home.platform(environment) / "database.json"
    write_private(path, json.dumps(login, indent=2) + "\n")


POSTGRES = Component(
    "postgres",
    command=_command,
    prepare=_prepare,
    problem=_problem,
    settle=_settle,
    unsettled=(psycopg.OperationalError,),
    # SIGTERM waits for every client to leave; SIGINT rolls their transactions back and ends.
    stop_signal="INT",
)
