"""Worker Versioning: which build this is, and making it the one that new releases begin on."""

import asyncio
import hashlib
import importlib.util
import os
from pathlib import Path

import structlog
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

log = structlog.get_logger(__name__)

BUILD_VARIABLE = "LOCKGATE_BUILD_ID"
PACKAGES = ("workflows", "activities", "workers", "starters", "infra")

# The server learns of a version from its first polls, so it may not know it yet.
_NOT_YET = {RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.UNAVAILABLE}
_PAUSE = 0.25


class NotMadeCurrent(Exception):
    """New releases cannot begin on this build, although the settings ask for it."""


def build_id() -> str:
    """LOCKGATE_BUILD_ID, or the digest of this installation's source: same code, same build."""
    if named := os.environ.get(BUILD_VARIABLE):
        return named
    digest = hashlib.sha256()
    for package in PACKAGES:
        folder = _folder(package)
        for file in sorted(folder.rglob("*.py")):
            digest.update(f"{package}/{file.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def deployment_config(deployment: str, build: str, *, versioned: bool) -> WorkerDeploymentConfig:
    """Stories are versioned: pinned, unless one says otherwise itself; activities are not.

    The worker says it for them because the server refuses a story that calls itself pinned on a
    worker without versions, as tests and benchmarks run it.
    """
    pinned = VersioningBehavior.PINNED if versioned else VersioningBehavior.UNSPECIFIED
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=deployment, build_id=build),
        use_worker_versioning=versioned,
        default_versioning_behavior=pinned,
    )


async def make_current(
    client: Client, version: WorkerDeploymentVersion, *, within: float = 60
) -> None:
    """Let new releases begin on *version*, once the server has seen it poll; *within* seconds.

    Running releases are untouched: they stay with the version that they are pinned to.

    Raises:
        NotMadeCurrent: the server refuses it, or did not accept it in time.
    """
    canonical = version.to_canonical_string()
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=version.deployment_name,
        build_id=version.build_id,
        identity=client.identity,
        ignore_missing_task_queues=True,
    )
    try:
        async with asyncio.timeout(within):
            while not await _accepted(client, request):  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(_PAUSE)
    except TimeoutError as error:
        raise _not_made(canonical, f"Temporal did not know it within {within:g} s") from error
    except RPCError as error:
        raise _not_made(canonical, error.message) from error
    log.info("worker_version_made_current", version=canonical)


async def _accepted(client: Client, request: SetWorkerDeploymentCurrentVersionRequest) -> bool:
    try:
        await client.workflow_service.set_worker_deployment_current_version(request)
    except RPCError as error:
        if error.status not in _NOT_YET:
            raise
        return False
    return True


def _not_made(version: str, problem: str) -> NotMadeCurrent:
    return NotMadeCurrent(
        f"worker.make_current: {version} was not made the current version: {problem}; "
        "set make_current to false where versions are rolled out by hand"
    )


def _folder(package: str) -> Path:
    # Found, not imported: a worker never loads the front doors.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package}: not installed beside the worker", name=package)
    return Path(spec.origin).parent
