"""A worker's life: wait for what it needs, poll, answer probes, drain when told."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import structlog
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from infra.settings import Settings, WorkerSettings
from infra.temporal import DATA_CONVERTER, TemporalUnreachable, connect, encrypting
from workers.attributes import register_attributes
from workers.fleet import Activities, Fleet
from workers.health import Health
from workers.http import application, serving
from workers.pools import Pool
from workers.telemetry import start_telemetry
from workers.versioning import build_id, make_current
from workers.wiring import Wiring, methods_of, needs_of

log = structlog.get_logger(__name__)

AnswerT = TypeVar("AnswerT")

_PAUSE = 1.0

# What a namespace without operator rights answers (Temporal Cloud, mostly).
_NOT_OURS = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}


class Told(Exception):
    """The worker was told to stop before it had begun to poll."""


async def serve(
    settings: Settings, pools: Sequence[Pool], *, wait: float, stop: asyncio.Event
) -> None:
    """Run *pools* until *stop* is set; *wait* seconds for Temporal, and for the rest, to answer.

    Raises:
        TemporalUnreachable: Temporal did not answer in time, or lacks the namespace.
        DependencyUnreachable: something that the settings name did not answer in time.
        AddressTaken: the worker's own HTTP address is in use.
        SettingsError: parts of the settings do not fit together.
        PoolStopped: a pool ended by itself.
        NotMadeCurrent: the server did not take this build as the current one.
        Told: *stop* was set before the first poll.
    """
    telemetry = start_telemetry()
    wiring = Wiring(settings, pools)
    codec = wiring.codec()
    converter = DATA_CONVERTER if codec is None else encrypting(codec)
    health = Health()
    endpoints = application(health, sdk_metrics_url=telemetry.metrics_url, codec=codec)
    async with serving(endpoints, settings.worker.http_host, settings.worker.http_port):
        client = await unless(stop, temporal_within(wait, converter, telemetry.runtime))
        served = wiring.served(client)
        health.watch(needs_of(served))
        await unless(stop, health.wait_for_all(wait))
        if any(pool.stories for pool in pools):
            await unless(stop, _register(client))
        await _poll(client, methods_of(served), settings.worker, health=health, stop=stop)


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, AnswerT]) -> AnswerT:
    """The answer of *work*; Told, with *work* cancelled, when *stop* is set first."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Told
        return working.result()
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


async def temporal_within(seconds: float, converter: DataConverter, runtime: Runtime) -> Client:
    """Connect, trying again until *seconds* have passed.

    Raises:
        TemporalUnreachable: as the last attempt ended.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                return await connect(converter=converter, runtime=runtime)
        except TimeoutError as error:
            raise TemporalUnreachable(
                f"Temporal did not answer within {seconds:g} s; check TEMPORAL_ADDRESS"
            ) from error
        except TemporalUnreachable as error:
            if loop.time() + _PAUSE >= deadline:
                raise
            log.warning("temporal_did_not_answer", problem=str(error))
            await asyncio.sleep(_PAUSE)


async def _register(client: Client) -> None:
    try:
        await register_attributes(client)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise TemporalUnreachable(
                f"namespace {client.namespace!r}: Temporal knows no such namespace; create it, or "
                "set TEMPORAL_NAMESPACE"
            ) from error
        if error.status not in _NOT_OURS:
            raise TemporalUnreachable(
                f"namespace {client.namespace!r}: search attributes cannot be read: "
                f"{error.message}; try again"
            ) from error
        log.warning(
            "search_attributes_not_registered",
            problem=error.message,
            remedy="have an administrator of the namespace add them",
        )


async def _poll(
    client: Client,
    activities: Activities,
    settings: WorkerSettings,
    *,
    health: Health,
    stop: asyncio.Event,
) -> None:
    build = build_id()
    fleet = Fleet(client, activities, settings=settings, build=build)
    health.polling = fleet.polling
    beside = [asyncio.create_task(health.keep_asking())]
    if settings.make_current and any(pool.stories for pool in activities):
        version = WorkerDeploymentVersion(settings.deployment, build)
        beside.append(asyncio.create_task(make_current(client, version)))
    log.info("worker_started", pools=[pool.queue for pool in activities], build=build)
    try:
        await _first_to_end(fleet.run(stop), beside, stop)
    finally:
        for task in beside:
            task.cancel()
    log.info("worker_stopped")


async def _first_to_end(
    polling: Coroutine[Any, Any, None], beside: Sequence[asyncio.Task[None]], stop: asyncio.Event
) -> None:
    """Poll to the end; what fails beside it ends the polling, gracefully, and is then raised."""
    failed: list[BaseException] = []

    def note(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            failed.append(error)
            stop.set()

    for task in beside:
        task.add_done_callback(note)
    await polling
    if failed:
        raise failed[0]
