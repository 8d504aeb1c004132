"""S3 and AWS on loopback: moto in this process, ministack and SeaweedFS in their own; clients."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

from infra.local.binaries import binary
from tests.loopback import eventually, free_port

_MINISTACK = Path(__file__).parents[2] / ".venv-emulators" / "bin" / "ministack"
REGION = "us-east-1"


def client(service: str, endpoint: str, *, signed_with: str = "secret") -> Any:
    """A client of *service* at an emulator; the caller closes it.

    Nothing is tried twice: moto answers what it lacks with status 500, which boto3 would repeat.
    """
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="key",
        aws_secret_access_key=signed_with,
        config=Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=2,
            read_timeout=10,
            proxies={},
            s3={"addressing_style": "path"},
        ),
    )


@contextmanager
def serving_moto() -> Iterator[str]:
    """The address of a moto that answers for every service; what it knows is this process's."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def serving_ministack() -> Iterator[str]:
    """The address of a ministack that answers for every service; it forgets all when it ends.

    Without these variables it would listen on all interfaces, and on a second port.
    """
    assert _MINISTACK.exists(), f"{_MINISTACK} is missing: run `make setup`"
    port = free_port()
    with TemporaryDirectory(prefix="ministack-") as folder:
        environ = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "HOME": folder,
            "TMPDIR": folder,
            "PATH": os.environ["PATH"],
        }
        said = Path(folder) / "said.log"
        with (
            said.open("wb") as output,
            subprocess.Popen(
                [_MINISTACK], env=environ, cwd=folder, stdout=output, stderr=output
            ) as server,
        ):
            try:
                url = f"http://127.0.0.1:{port}"
                eventually(lambda: _answers(url, server, said), seconds=30)
                yield url
            finally:
                server.kill()


def _answers(url: str, server: "subprocess.Popen[bytes]", said: Path) -> bool:
    """Whether it is up; a server that ended tells why instead of being waited for."""
    assert server.poll() is None, f"ministack ended: {said.read_text(errors='replace')[-2000:]}"
    try:
        return httpx.get(f"{url}/_ministack/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def serving_seaweedfs() -> Iterator[str]:
    """The address of a SeaweedFS, which speaks S3 with Object Lock; it forgets all at its end."""
    with TemporaryDirectory(prefix="weed-") as folder:
        identities = Path(folder) / "identities.json"
        identities.write_text(
            '{"identities": [{"name": "test", "actions": ["Admin", "Read", "List", "Write"], '
            '"credentials": [{"accessKey": "key", "secretKey": "secret"}]}]}'
        )
        ports = {part: free_port() for part in ("master", "volume", "filer", "s3", "admin")}
        command = [str(binary("weed")), "mini", f"-dir={folder}", "-ip=127.0.0.1"]
        command += ["-ip.bind=127.0.0.1", "-metricsPort=0", f"-s3.config={identities}"]
        command += ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0"]
        command += ["-s3.port.lance=0", "-master.telemetry=false"]
        for part, port in ports.items():
            command += [f"-{part}.port={port}", f"-{part}.port.grpc={free_port()}"]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, cwd=folder, **quiet) as server:
            try:
                endpoint = f"http://127.0.0.1:{ports['s3']}"
                eventually(lambda: _takes_objects(endpoint), "SeaweedFS", seconds=30)
                yield endpoint
            finally:
                server.kill()


def _takes_objects(endpoint: str) -> bool:
    s3 = client("s3", endpoint)
    try:
        s3.create_bucket(Bucket="ready")
        s3.put_object(Bucket="ready", Key="ready", Body=b"ready")
    except (BotoCoreError, ClientError):
        return False
    finally:
        s3.close()
    return True
