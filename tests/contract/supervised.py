"""A supervisord of a test's own, and bundles that it can run."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import httpx

from activities.deploy.supervisor import SupervisorPlatform
from activities.deploy.supervisord import Supervisord
from tests.loopback import eventually
from workflows.domain.errors import Unavailable
from workflows.domain.values import Artifact, digest_of

_SERVICE = """
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

told = json.load(open("behaviour.json"))
print("starting as", told["behaviour"])
if told["behaviour"] == "crash":
    sys.exit("no database named nosuch")

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if told["behaviour"] == "sick" else 200)
        self.end_headers()
        said = {"version": told["says"], "environ": dict(os.environ)}
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *args):
        pass

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def zipped(files: dict[str, str]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return raw.getvalue()


def build(
    version: str = "v1", behaviour: str = "well", *, says: str | None = None
) -> tuple[Artifact, bytes]:
    manifest = {
        "service": "checkout",
        "version": version,
        "command": ["python", "service.py"],
        "healthPath": "/healthz",
    }
    content = zipped(
        {
            "bundle.json": json.dumps(manifest),
            "behaviour.json": json.dumps({"behaviour": behaviour, "says": says or version}),
            "service.py": _SERVICE,
        }
    )
    return Artifact(service="checkout", version=version, digest=digest_of(content)), content


class Yard:
    """One supervisord in *folder*, whose path must be short enough for a socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.control = folder / "s.sock"
        self.include_dir = folder / "conf.d"
        self.include_dir.mkdir()
        self.supervisord = Supervisord(self.control)
        self.client = httpx.Client(timeout=2, trust_env=False)
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "supervisord.conf").write_text(
            f"[supervisord]\nnodaemon=true\nlogfile={folder}/log\npidfile={folder}/pid\n"
            f"childlogdir={folder}\n"
            f"[unix_http_server]\nfile={self.control}\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory="
            "supervisor.rpcinterface:make_main_rpcinterface\n"
            f"[include]\nfiles={self.include_dir}/*.conf\n"
        )

    def platform(self, connection: str = "test", **more) -> SupervisorPlatform:
        settings = {
            "connection": connection,
            "control": self.control,
            "include_dir": self.include_dir,
            "work_dir": self.folder / connection,
            "client": self.client,
            "healthy_within": timedelta(seconds=15),
            **more,
        }
        return SupervisorPlatform(**settings)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "supervisor.supervisord",
                "-c",
                self.folder / "supervisord.conf",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._answers)

    def stop(self) -> None:
        """SIGTERM: supervisord stops what it runs before it ends."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)

    def _answers(self) -> bool:
        try:
            self.supervisord.states()
        except Unavailable:
            return False
        return True
