"""Two versions that count orders on pages of their own, and a Prometheus that can be killed."""

import json
import signal
import subprocess
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from activities.deploy.health import Record
from tests.contract.metered_mesh import Mesh, answers, programs
from tests.loopback import eventually, free_port
from workflows.domain.values import arm_name

SCRAPED_EVERY = 0.2


class Version:
    """One version's process: its page, its counts, and whether it runs."""

    def __init__(self, digest: str) -> None:
        self.digest = digest
        self.arm = arm_name("checkout", digest)
        self.port = free_port()
        self.counts: Counter[str] = Counter(accepted=0, declined=0)
        self.depth = "3"
        self._server: ThreadingHTTPServer | None = None

    def page(self) -> str:
        lines = [
            "# TYPE shop_orders_total counter",
            *(
                f'shop_orders_total{{arm="{self.arm}",status="{status}"}} {count}'
                for status, count in sorted(self.counts.items())
            ),
            "# TYPE shop_queue_depth gauge",
            f'shop_queue_depth{{arm="{self.arm}"}} {self.depth}',
        ]
        return "\n".join(lines) + "\n"

    def start(self) -> None:
        page = self.page

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = page().encode()
                self.send_response(200)
                self.send_header("content-type", "text/plain; version=0.0.4")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing: pytest's output is for the tests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Page)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def restart(self) -> None:
        """Begin anew: what was counted is gone."""
        self.stop()
        self.counts = Counter(accepted=0, declined=0)
        self.start()


class Prometheus:
    """A real server that scrapes the mesh and the versions as environment `staging`."""

    def __init__(self, folder: Path, mesh: Mesh, versions: list[Version]) -> None:
        self._program = programs(folder) / "prometheus"
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        envoy = {"targets": [f"127.0.0.1:{mesh.admin}"], "labels": {"environment": "staging"}}
        for version in versions:
            record = Record(
                service="checkout",
                version="v1",
                digest=version.digest,
                port=version.port,
                health_path="/",
            )
            (folder / f"{version.arm}.json").write_text(record.scraped_as("staging"))
        scrapes = [
            {
                "job_name": "envoy",
                "metrics_path": "/stats/prometheus",
                "static_configs": [envoy],
            },
            {
                "job_name": "versions",
                "honor_labels": True,
                "file_sd_configs": [{"files": [f"{folder}/checkout-*.json"]}],
            },
        ]
        every = f"{round(SCRAPED_EVERY * 1000)}ms"
        times = {"scrape_interval": every, "scrape_timeout": every}
        config = {"global": times, "scrape_configs": scrapes}
        (folder / "prometheus.yml").write_text(json.dumps(config))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            str(self._program),
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=series",
        ]
        command.append(f"--web.listen-address=127.0.0.1:{self._port}")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)
        eventually(lambda: answers(f"{self.url}/-/ready"), "Prometheus")

    def kill(self) -> None:
        """As a machine that loses its power would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def now(self) -> float:
        told = httpx.get(f"{self.url}/api/v1/query", params={"query": "time()"}).json()
        return float(told["data"]["result"][1])
