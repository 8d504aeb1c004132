"""An Envoy of a test's own, with the instances that it discovers and backends that answer."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from activities.traffic.envoy import EnvoyRouter
from infra.local.binaries import binary
from tests.loopback import eventually, free_port
from workflows.domain.values import arm_name

SERVICE = "checkout"
_TYPES = "type.googleapis.com/envoy.extensions.filters"


class Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.asked.append(self.command)
        if self.path == "/slow":
            self.server.arrived.set()
            self.server.released.wait(timeout=10)
        body = self.server.version.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args) -> None:
        del args


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, version: str) -> None:
        super().__init__(("127.0.0.1", 0), Backend)
        self.version = version
        self.asked: list[str] = []
        self.arrived, self.released = threading.Event(), threading.Event()


@contextmanager
def serving(version: str) -> Iterator[Server]:
    server = Server(version)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Mesh:
    """An Envoy of its own with one listener, its files, and the instances that it discovers."""

    def __init__(self, folder: Path) -> None:
        self.config, self.instances = folder / "envoy", folder / "instances"
        self.config.mkdir()
        self.instances.mkdir()
        self.admin, self.port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(trust_env=False, timeout=10)
        (self.config / "cds.json").write_text('{"version_info": "0", "resources": []}')
        (self.config / f"rds-{SERVICE}.json").write_text(json.dumps(self._first_route()))
        (self.config / "boot.json").write_text(json.dumps(self._boot()))
        self.router = EnvoyRouter(
            config_dir=self.config,
            admin_url=f"http://127.0.0.1:{self.admin}",
            services=[SERVICE, "unwatched"],
            instances=self.instances,
            client=self.client,
            drained_within=timedelta(seconds=1),
        )

    def start(self) -> None:
        command = [binary("envoy"), "-c", self.config / "boot.json", "--concurrency", "1"]
        with (self.config / "envoy.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*map(os.fspath, command), "--disable-hot-restart", "-l", "warning"],
                stdout=log,
                stderr=log,
            )
        eventually(self._ready)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def publish(self, digest: str, version: str, port: int) -> None:
        name = arm_name(SERVICE, digest)
        instance = {"service": SERVICE, "version": version, "digest": digest}
        instance["endpoint"] = f"127.0.0.1:{port}"
        (self.instances / f"{name}.json").write_text(json.dumps(instance))

    def get(self, path: str = "/", **headers: str) -> httpx.Response:
        return self.client.get(f"http://127.0.0.1:{self.port}{path}", headers=headers)

    def ask_admin(self, path: str) -> str:
        return self.client.get(f"http://127.0.0.1:{self.admin}/{path}").text

    def _ready(self) -> bool:
        try:
            return self.ask_admin("ready").strip() == "LIVE"
        except httpx.TransportError:
            return False

    def _first_route(self) -> dict:
        nothing = {"status": 503, "body": {"inline_string": "no version"}}
        host = {
            "name": SERVICE,
            "domains": ["*"],
            "routes": [{"match": {"prefix": "/"}, "direct_response": nothing}],
        }
        kind = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
        return {
            "version_info": "0",
            "resources": [{"@type": kind, "name": SERVICE, "virtual_hosts": [host]}],
        }

    def _watched(self, name: str) -> dict:
        source = {"path": str(self.config / name), "watched_directory": {"path": str(self.config)}}
        return {"resource_api_version": "V3", "path_config_source": source}

    def _boot(self) -> dict:
        rds = {"route_config_name": SERVICE, "config_source": self._watched(f"rds-{SERVICE}.json")}
        connections = {
            "@type": f"{_TYPES}.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": SERVICE,
            "rds": rds,
            "http_filters": [
                {
                    "name": "envoy.filters.http.router",
                    "typed_config": {"@type": f"{_TYPES}.http.router.v3.Router"},
                }
            ],
        }
        filters = [{"name": "http", "typed_config": connections}]
        listener = {
            "name": SERVICE,
            "address": _address(self.port),
            "filter_chains": [{"filters": filters}],
        }
        return {
            "node": {"id": "test", "cluster": "test"},
            "admin": {"address": _address(self.admin)},
            "stats_flush_interval": "0.2s",
            "dynamic_resources": {"cds_config": self._watched("cds.json")},
            "static_resources": {"listeners": [listener]},
        }


def _address(port: int) -> dict:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
