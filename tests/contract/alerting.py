"""A real Alertmanager, a real Prometheus with the stack's rules, and somebody who is paged."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from infra.local.alert_rules import rules
from infra.local.packages import TEMPLATES
from tests.contract.metered_mesh import Mesh, programs, running
from tests.loopback import eventually, free_port


@contextmanager
def alertmanager(folder: Path, config: dict[str, Any]) -> Iterator[str]:
    """An Alertmanager with *config*; its address."""
    found = programs(folder)
    port = free_port()
    (folder / "alertmanager.json").write_text(json.dumps(config))
    with running(
        str(found / "prometheus-alertmanager"),
        f"--config.file={folder / 'alertmanager.json'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=warn",
        folder=folder,
        runs_in=found / TEMPLATES,
        ready=f"http://127.0.0.1:{port}/-/ready",
    ):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def firing_prometheus(folder: Path, mesh: Mesh, alertmanager: str) -> Iterator[str]:
    """A Prometheus with the local stack's rules and times, which tells *alertmanager*."""
    found = programs(folder)
    port = free_port()
    (folder / "rules.yml").write_text(json.dumps(rules()))
    envoy = {"targets": [f"127.0.0.1:{mesh.admin}"], "labels": {"environment": "staging"}}
    scrape = {"job_name": "envoy", "metrics_path": "/stats/prometheus", "static_configs": [envoy]}
    told = [{"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}]
    times = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    (folder / "prometheus.yml").write_text(
        json.dumps(
            {
                "global": times,
                "alerting": {"alertmanagers": told},
                "rule_files": ["rules.yml"],
                "scrape_configs": [scrape],
            }
        )
    )
    with running(
        str(found / "prometheus"),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=series",
        f"--web.listen-address=127.0.0.1:{port}",
        folder=folder,
        ready=f"http://127.0.0.1:{port}/-/ready",
    ):
        yield f"http://127.0.0.1:{port}"


@dataclass
class Pager:
    """Whoever is on call: keeps the labels of every firing alert that it is told."""

    url: str = ""
    labels: list[dict[str, str]] = field(default_factory=list)

    def has(self, **labels: str) -> bool:
        return any(labels.items() <= told.items() for told in list(self.labels))

    def waits_for(self, **labels: str) -> None:
        eventually(lambda: self.has(**labels), f"a page with {labels}; there are {self.labels}")

    @property
    def config(self) -> dict[str, Any]:
        """An Alertmanager that tells every alert here, at once."""
        hook = {"url": self.url, "send_resolved": False}
        route = {"receiver": "pager", "group_by": ["..."], "group_wait": "0s"}
        route |= {"group_interval": "1s", "repeat_interval": "1h"}
        return {"route": route, "receivers": [{"name": "pager", "webhook_configs": [hook]}]}


@contextmanager
def pager() -> Iterator[Pager]:
    person = Pager()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            person.labels += [a["labels"] for a in body["alerts"] if a["status"] == "firing"]
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing: pytest's output is for the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        person.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield person
        finally:
            server.shutdown()
            serving.join()


def fire(alertmanager: str, *, annotations: dict[str, str] | None = None, **labels: str) -> None:
    """What Prometheus sends for an alert that fires."""
    _tell(alertmanager, labels, annotations or {}, lasts=timedelta(minutes=5))


def resolve(alertmanager: str, **labels: str) -> None:
    """What Prometheus sends for an alert that fires no more."""
    _tell(alertmanager, labels, {}, lasts=timedelta(0))


def _tell(
    alertmanager: str, labels: dict[str, str], annotations: dict[str, str], *, lasts: timedelta
) -> None:
    now = datetime.now(UTC)
    alert = {
        "labels": labels,
        "annotations": annotations,
        "startsAt": now.isoformat(),
        "endsAt": (now + lasts).isoformat(),
    }
    httpx.post(f"{alertmanager}/api/v2/alerts", json=[alert]).raise_for_status()
