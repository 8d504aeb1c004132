"""A real Envoy before a backend that errs on demand."""

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.binaries import binary
from infra.local.errors import NotAvailable
from infra.local.home import Home
from infra.local.packages import obtain_monitoring
from tests.loopback import eventually, free_port
from workflows.domain.values import arm_name, digest_of

DEADLINE_SECONDS = 20
SLOW_SECONDS = 0.08
CANARY, BASELINE, DEAD, UNKNOWN = (digest_of(f"checkout v{number}") for number in range(4))
TYPES = "type.googleapis.com/envoy.extensions.filters"


def programs(folder: Path) -> Path:
    """Where Prometheus and Alertmanager are; what needs them is skipped where they are not."""
    try:
        return obtain_monitoring(Home(root=folder))
    except NotAvailable as missing:
        pytest.skip(f"no Prometheus nor Alertmanager: {missing}")


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


class Backend(BaseHTTPRequestHandler):
    """Answers /…/ok, errs on /…/err, is slow on /…/slow, breaks the connection on /…/reset."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.endswith("/reset"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if self.path.endswith("/slow"):
            time.sleep(SLOW_SECONDS)
        self.send_response(500 if self.path.endswith("/err") else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing: pytest's output is for the tests."""


@contextmanager
def backend() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Backend) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            serving.join()


@contextmanager
def running(
    *command: str, folder: Path, ready: str, runs_in: Path | None = None
) -> Iterator[None]:
    """*command* with its log in *folder*, which is also where it runs unless told otherwise."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=runs_in or folder)
    try:
        eventually(lambda: answers(ready), f"{ready} ({folder / 'log'})")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_SECONDS)


class Mesh:
    """An Envoy with a cluster per version; /<arm>/… goes to that version."""

    def __init__(self, folder: Path, backend_port: int) -> None:
        self.folder = folder
        self.admin, self.port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.admin}"
        self._running = ExitStack()
        ports = {CANARY: backend_port, BASELINE: backend_port, DEAD: free_port()}
        arms = {arm_name("checkout", digest): port for digest, port in ports.items()}
        (folder / "boot.json").write_text(json.dumps(self._boot(arms)))

    def start(self) -> None:
        options = ("--concurrency", "1", "--disable-hot-restart", "-l", "warning")
        self._running.enter_context(
            running(
                str(binary("envoy")),
                "-c",
                "boot.json",
                *options,
                folder=self.folder,
                ready=f"{self.url}/ready",
            )
        )

    def stop(self) -> None:
        self._running.close()

    def send(self, digest: str, kind: str, requests: int) -> None:
        url = f"http://127.0.0.1:{self.port}/{arm_name('checkout', digest)}/{kind}"
        with httpx.Client() as client, ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: client.get(url), range(requests)))

    def _boot(self, arms: dict[str, int]) -> dict[str, Any]:
        buckets = [1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 100, 200, 500]
        matches = {"safe_regex": {"regex": ".*upstream_rq_time"}}
        return {
            "admin": {"address": address(self.admin)},
            "stats_flush_interval": "0.1s",
            "stats_config": {
                "histogram_bucket_settings": [{"match": matches, "buckets": buckets}]
            },
            "static_resources": {
                "clusters": [cluster(arm, port) for arm, port in arms.items()],
                "listeners": [listener(self.port, arms)],
            },
        }


def address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def cluster(name: str, port: int) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": address(port)}}
    return {
        "name": name,
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def listener(port: int, arms: dict[str, int]) -> dict[str, Any]:
    routes = [{"match": {"prefix": f"/{arm}/"}, "route": {"cluster": arm}} for arm in arms]
    router = {"@type": f"{TYPES}.http.router.v3.Router"}
    connections = {
        "@type": f"{TYPES}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "checkout",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
    }
    manager = {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": connections,
    }
    return {"address": address(port), "filter_chains": [{"filters": [manager]}]}
