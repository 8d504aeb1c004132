import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from infra.settings import Settings
from infra.temporal import DATA_CONVERTER
from tests.workers.cloud_pool import AWS, LOCAL, Vault
from workers.parts import Parts
from workers.telemetry import _free_port
from workflows.domain.names import Queue


def program(name):
    """A command beside this Python, or on the path."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found, f"no {name}: pip install -r requirements/dev.lock"
    return found


@dataclass
class Server:
    """A Temporal dev server of these tests' own."""

    address: str
    namespace: str = "releases"

    @property
    def environ(self):
        """The environment of a process that is to find this server, and nothing else."""
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("TEMPORAL_", "LOCKGATE_"))
        }
        return kept | {"TEMPORAL_ADDRESS": self.address, "TEMPORAL_NAMESPACE": self.namespace}


@pytest.fixture(scope="session")
def temporal():
    port, http_port = _free_port(), _free_port()
    command = [program("temporal"), "server", "start-dev", "--headless", "--ip", "127.0.0.1"]
    command += ["--port", str(port), "--http-port", str(http_port), "--log-level", "error"]
    command += ["--namespace", "releases"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(f"http://127.0.0.1:{http_port}/api/v1/namespaces/releases")
            yield Server(address=f"127.0.0.1:{port}")
        finally:
            server.terminate()


@pytest.fixture
async def client(temporal):
    return await Client.connect(
        temporal.address, namespace=temporal.namespace, data_converter=DATA_CONVERTER
    )


def _wait_for(url):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(url)


@pytest.fixture
def other_listener():
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def vault():
    return Vault()


@pytest.fixture
def parts(tmp_path, vault):
    settings = Settings.model_validate(
        {
            "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
            "ledger": {"url": "sqlite://"},
            "artifacts": {"builds": LOCAL.model_dump(), "images": AWS.model_dump()},
            "attestations": {
                "bucket": "attestations",
                "endpoint": "http://127.0.0.1:1",
                "credentials": "s3/local",
            },
        }
    )
    loop = asyncio.new_event_loop()
    yield Parts(settings=settings, queue=Queue.CLOUD, vault=vault, client=None, loop=loop)
    loop.close()
