"""Is everything there that a release needs; and if not, what to do about it."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    GetSystemInfoRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from infra.settings import SETTINGS_VARIABLE, Settings, SettingsError, load_settings
from infra.sign_in import ISSUER_VARIABLE, SignInUnusable, sign_in
from infra.temporal import TemporalUnreachable, connect
from starters.failures import CommandFailed
from starters.files.problems import FilesRefused
from starters.identity.oidc import Provider, browserless
from starters.schedules.declared import declared_schedules
from starters.schedules.temporal import look
from workflows.domain.names import Attribute, Queue

_WORKER = "start a worker: `lockgate-worker all`, or `lockgate dev up` for the local stack"
_SERVER_WITHIN = 15.0

SERVER = "temporal"
"""The check on which all others stand."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at; *remedy* says what to do where it is not as it should be."""

    what: str
    fine: bool
    found: str
    remedy: str = ""


async def checks() -> AsyncIterator[Check]:
    """Look at everything; what needs Temporal is left out where Temporal does not answer."""
    settings, check = read_settings()
    yield check
    yield await asyncio.to_thread(identity_provider, os.environ)
    try:
        async with asyncio.timeout(_SERVER_WITHIN):
            client = await connect()
    except TimeoutError:
        yield Check(what=SERVER, fine=False, found="no answer", remedy="check the address")
        return
    except TemporalUnreachable as error:
        found, _, remedy = str(error).rpartition("; ")
        yield Check(what=SERVER, fine=False, found=found, remedy=remedy)
        return
    deployment = settings.worker.deployment if settings else "lockgate"
    yield await _answered(SERVER, server(client))
    yield await _answered("search attributes", search_attributes(client))
    yield await _answered("deployment", current_version(client, deployment))
    for queue in Queue:
        yield await _answered(f"queue {queue}", pollers(client, queue))
    yield await _answered("schedules", schedules(client))


def read_settings() -> tuple[Settings | None, Check]:
    """The worker's settings file, where this machine has one: front doors do not need it."""
    named = os.environ.get(SETTINGS_VARIABLE)
    if not named:
        said = f"{SETTINGS_VARIABLE} is not set; only workers need it"
        return None, Check(what="settings", fine=True, found=said)
    try:
        settings = load_settings()
    except SettingsError as error:
        remedy = "correct the file; docs/reference/settings.md lists the fields"
        return None, Check(what="settings", fine=False, found=str(error), remedy=remedy)
    return settings, Check(what="settings", fine=True, found=f"{named} is in order")


def identity_provider(environment: Mapping[str, str]) -> Check:
    """People can sign in somewhere, if this command line was told where."""
    what, remedy = "identity", f"check {ISSUER_VARIABLE} and that the provider runs"
    try:
        settings = sign_in(environment)
    except SignInUnusable as error:
        return Check(what=what, fine=False, found=str(error), remedy=remedy)
    if settings is None:
        said = f"{ISSUER_VARIABLE} is not set; names can only be asserted"
        return Check(what=what, fine=True, found=said)
    try:
        with browserless(settings) as client:
            Provider(settings, client)
    except CommandFailed as error:
        return Check(what=what, fine=False, found=str(error), remedy=remedy)
    return Check(what=what, fine=True, found=f"people sign in at {settings.issuer}")


async def server(client: Client) -> Check:
    """Temporal answers, and which version it is."""
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    found = f"server {info.server_version} at {client.service_client.config.target_host}"
    return Check(what=SERVER, fine=True, found=f"{found}, namespace {client.namespace}")


async def search_attributes(client: Client) -> Check:
    """Every search attribute of a release is registered; without them no release can start."""
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = [str(name) for name in Attribute if name not in known.custom_attributes]
    if not missing:
        return Check(what="search attributes", fine=True, found=f"{len(Attribute)} registered")
    return Check(
        what="search attributes",
        fine=False,
        found=f"missing in {client.namespace}: {', '.join(missing)}",
        remedy=f"{_WORKER}; it registers them",
    )


async def current_version(client: Client, deployment: str) -> Check:
    """New releases begin on some version of the workers."""
    try:
        answer = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        found = f"no deployment {deployment!r}: no versioned worker has polled yet"
        return Check(what="deployment", fine=False, found=found, remedy=_WORKER)
    build = answer.worker_deployment_info.routing_config.current_deployment_version.build_id
    if build:
        return Check(what="deployment", fine=True, found=f"{deployment} is at build {build}")
    return Check(
        what="deployment",
        fine=False,
        found=f"{deployment} has no current version, so no release can begin",
        remedy=(
            "make one current: `temporal worker deployment set-current-version "
            f"--deployment-name {deployment} --build-id BUILD`, or worker.make_current = true"
        ),
    )


async def pollers(client: Client, queue: Queue) -> Check:
    """Somebody takes the work of *queue*."""
    stories = queue is Queue.STORIES
    kind = (
        TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        if stories
        else TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    )
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=kind,
        )
    )
    known = sorted({poller.identity for poller in answer.pollers})
    if known:
        return Check(what=f"queue {queue}", fine=True, found=f"polled by {', '.join(known)}")
    remedy = f"{_WORKER}; this queue's pool is `{queue}`"
    return Check(what=f"queue {queue}", fine=False, found="nobody polls it", remedy=remedy)


async def schedules(client: Client) -> Check:
    """What Temporal starts by the clock is as declared, and not paused."""
    what = "schedules"
    try:
        declared = declared_schedules()
    except FilesRefused as refused:
        remedy = "correct the files, or LOCKGATE_SCHEDULES"
        return Check(what=what, fine=False, found=str(refused), remedy=remedy)
    off = [
        f"{found.declared.id}: {found.amiss or f'paused ({found.note})'}"
        for found in await look(client, declared)
        if found.amiss or found.paused
    ]
    if not off:
        return Check(what=what, fine=True, found=f"{len(declared)} as declared")
    return Check(
        what=what,
        fine=False,
        found=", ".join(off),
        remedy="`lockgate schedules apply`, or `lockgate schedules resume ID` for a paused one",
    )


async def _answered(what: str, asked: Awaitable[Check]) -> Check:
    """What was found, or that the server did not let it be looked at."""
    try:
        return await asked
    except RPCError as error:
        remedy = "ask who runs this Temporal for the permission, or try again"
        return Check(
            what=what, fine=False, found=f"cannot be seen: {error.message}", remedy=remedy
        )
