"""SeaweedFS: S3 with one signed identity, and the buckets that releases promote between."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.binaries import binary
from infra.local.component import Component, Site
from infra.local.health import http_problem
from infra.local.home import write_private

BUILDS = "builds"
AUDIT = "audit"
EVIDENCE = "evidence"
BUCKETS = (BUILDS, "staging", "production")
# Object lock can only be chosen when a bucket is made.
LOCKED_BUCKETS = (AUDIT, EVIDENCE)
REGION = "us-east-1"

# Read back to tell that stored objects are found again after a restart.
_CANARY = {"Bucket": "health", "Key": "canary"}

_PARTS = ("master", "volume", "filer", "s3", "admin")
# Every part of it that listens somewhere else, calls home or serves what nobody here asks for.
_OFF = ("-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0")


def _command(site: Site) -> list[str]:
    folder = site.home.data("seaweedfs")
    command = [str(binary("weed")), "mini", f"-dir={folder / 'data'}"]
    command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-metricsPort=0"]
    for part in _PARTS:
        command.append(f"-{part}.port={site.ports[f'seaweedfs-{part}']}")
        command.append(f"-{part}.port.grpc={site.ports[f'seaweedfs-{part}-grpc']}")
    command += [f"-s3.config={folder / 'identities.json'}", "-master.telemetry=false", *_OFF]
    return command


def _prepare(site: Site) -> None:
    folder = site.home.data("seaweedfs")
    (folder / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = {
        "accessKey": site.credentials.s3_access_key,
        "secretKey": site.credentials.s3_secret_key,
    }
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    identity = {"name": "lockgate", "credentials": [keys], "actions": actions}
    write_private(folder / "identities.json", json.dumps({"identities": [identity]}, indent=1))
    builds = {
        "endpoint": site.url("seaweedfs-s3"),
        "bucket": BUILDS,
        "access_key": site.credentials.s3_access_key,
        "secret_key": site.credentials.s3_secret_key,
    }
    write_private(site.home.builds, json.dumps(builds, indent=2) + "\n")


def _problem(site: Site) -> str | None:
    """Its own health page is up a moment before it finds the objects that it holds."""
    problem = http_problem(site.ports["seaweedfs-s3"], "/healthz")
    if problem is None and _filled(site).exists():
        return _canary_problem(site)
    return problem


def _canary_problem(site: Site) -> str | None:
    try:
        with _client(site, attempts=1).get_object(**_CANARY)["Body"] as body:
            body.read()
    except (BotoCoreError, ClientError) as error:
        return str(error)
    return None


def _filled(site: Site) -> Path:
    return site.home.data("seaweedfs") / "filled"


def _client(site: Site, *, attempts: int) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=site.url("seaweedfs-s3"),
        region_name=REGION,
        aws_access_key_id=site.credentials.s3_access_key,
        aws_secret_access_key=site.credentials.s3_secret_key,
        config=Config(
            connect_timeout=2,
            read_timeout=5,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            s3={"addressing_style": "path"},
        ),
    )


def _settle(site: Site) -> None:
    # It answers 503 for a moment after its first start.
    client = _client(site, attempts=10)
    present = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    for bucket in (*BUCKETS, *LOCKED_BUCKETS, _CANARY["Bucket"]):
        if bucket not in present:
            client.create_bucket(
                Bucket=bucket, ObjectLockEnabledForBucket=bucket in LOCKED_BUCKETS
            )
    client.put_object(**_CANARY, Body=b"alive" * 200)
    _filled(site).touch(mode=0o600)


def remove_sockets(ports: Mapping[str, int]) -> None:
    """Remove the sockets that it leaves in the directory for temporary files."""
    for name, port in ports.items():
        if name.startswith("seaweedfs-"):
            for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)


SEAWEEDFS = Component(
    "seaweedfs",
    command=_command,
    prepare=_prepare,
    problem=_problem,
    settle=_settle,
    unsettled=(BotoCoreError, ClientError),
    # Its parts wait seconds for each other to leave; what was written is on disk by then.
    stop_seconds=2,
)
