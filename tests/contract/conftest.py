"""What the contract suites are run against: real, or an emulator, and of their own."""

import os
import socket
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hvac
import hvac.exceptions
import psycopg
import pytest
import requests
from psycopg import sql

from infra.local.binaries import binary
from tests.contract.emulators import serving_ministack, serving_moto, serving_seaweedfs
from tests.loopback import eventually

NOBODY = 65534
SPEED = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


def free_port() -> int:
    """A port that is free now, and the next one with it: OpenBao takes both."""
    while True:
        with socket.socket() as probe, socket.socket() as beside:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            if port < 65535 and beside.connect_ex(("127.0.0.1", port + 1)) != 0:
                return port


@dataclass(frozen=True)
class Postgres:
    """A cluster in a folder; root has to become somebody else to run it."""

    folder: Path
    port: int

    def create(self) -> None:
        self._run("initdb", "-U", "app", "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync")
        # Passwords count for all but the superuser, so that a leased login is tried in earnest.
        (self.folder / "pg_hba.conf").write_text(
            "host all app 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        with (self.folder / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\n{SPEED}")
            settings.write("unix_socket_directories = ''\n")

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="app", dbname=database, autocommit=True
        )

    def database(self) -> str:
        """The name of a new, empty database."""
        name = f"test_{uuid.uuid4().hex}"
        with self.connect() as link:
            link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def _run(self, tool: str, *arguments: str) -> None:
        ids: dict[str, Any] = {}
        if os.geteuid() == 0:
            ids = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        command = [binary("initdb").with_name(tool), "-D", str(self.folder), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **ids)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with TemporaryDirectory(prefix="contract-postgres-") as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        server = Postgres(Path(folder), free_port())
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """AWS for what ministack leaves out: load balancers, task sets. Shared: name things apart."""
    with serving_moto() as url:
        yield url


@pytest.fixture(scope="session")
def ministack() -> Iterator[str]:
    """AWS for what moto leaves out: ECS, AppConfig, DNS changes. Shared: name things apart."""
    with serving_ministack() as url:
        yield url


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[str]:
    """S3 with Object Lock that is kept. Shared: make a bucket of your own."""
    with serving_seaweedfs() as url:
        yield url


@dataclass(frozen=True)
class OpenBao:
    """A dev server; `root` may do everything, `connect` makes clients that are not signed in."""

    url: str
    root: hvac.Client
    session: requests.Session

    def connect(self) -> hvac.Client:
        client = hvac.Client(url=self.url, session=self.session, timeout=5)
        client.token = None
        return client

    def admit(self, pool: str, folder: Path, **role: Any) -> Path:
        """Make the AppRole *pool*, and put its files into a folder of that name."""
        path = f"auth/approle/role/{pool}"
        self.root.write_data(path, data={"token_no_default_policy": True, **role})
        place = folder / pool
        place.mkdir()
        role_id = self.root.read(f"{path}/role-id")["data"]["role_id"]
        secret_id = self.root.write_data(f"{path}/secret-id", data={})["data"]["secret_id"]
        (place / "role-id").write_text(role_id + "\n")
        (place / "secret-id").write_text(secret_id + "\n")
        return place


@pytest.fixture
def openbao(tmp_path: Path) -> Iterator[OpenBao]:
    """A server of the test's own, which may seal it or kill it."""
    address = f"127.0.0.1:{free_port()}"
    token = uuid.uuid4().hex
    command = [str(binary("bao")), "server", "-dev", f"-dev-root-token-id={token}"]
    command += ["-dev-no-store-token", f"-dev-listen-address={address}", "-log-level=error"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with (
        requests.Session() as session,
        subprocess.Popen(command, env={"HOME": str(tmp_path)}, **quiet) as server,
    ):
        session.trust_env = False
        try:
            url = f"http://{address}"
            root = hvac.Client(url=url, token=token, session=session, timeout=5)
            eventually(lambda: _is_ready(root), "OpenBao")
            yield OpenBao(url, root, session)
        finally:
            server.kill()


def _is_ready(client: hvac.Client) -> bool:
    try:
        # The last thing that a dev server mounts.
        return "secret/" in client.sys.list_mounted_secrets_engines()["data"]
    except (requests.RequestException, hvac.exceptions.VaultError):
        return False
