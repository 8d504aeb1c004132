"""From a failing canary to the signal: Envoy, Prometheus, Alertmanager, the door, Temporal."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.alerts.alertmanager import Alertmanager
from infra.local.alert_rules import routes
from infra.local.home import write_private
from infra.temporal import DATA_CONVERTER
from tests.contract.alerting import alertmanager, firing_prometheus
from tests.contract.metered_mesh import BASELINE, CANARY, Mesh, answers, backend
from tests.engine.conftest import FAST, temporal_program
from tests.loopback import eventually, free_port
from workers.attributes import register_attributes
from workflows.domain.errors import Refused
from workflows.domain.names import Attribute
from workflows.domain.release.commands import UNNAMED, Alert
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Progress, ReleaseStatus, TargetView
from workflows.domain.values import Artifact, Target, arm_name

TARGET = Target(service="checkout", environment="staging")
TOKEN = "0123456789abcdef0123456789abcdef"
ROOT = Path(__file__).parents[2]


@workflow.defn(name="ReleaseWorkflow")
class StandIn:
    """Says that it shifts the canary, and ends with the first alert it is told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    @workflow.run
    async def run(self) -> Alert:
        await workflow.wait_condition(lambda: bool(self.alerts))
        return self.alerts[0]

    @workflow.signal
    def alert(self, alert: Alert = UNNAMED) -> None:
        self.alerts.append(alert)

    @workflow.query
    def status(self) -> ReleaseStatus:
        build = Artifact(service="checkout", version="v3", digest=CANARY)
        view = TargetView(target=TARGET, artifact=build, progress=Progress.SHIFTING)
        return ReleaseStatus(
            release=workflow.info().workflow_id,
            name="shop",
            phase=Phase.PROGRESSING,
            targets=(view,),
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    extra = [word for setting in FAST for word in ("--dynamic-config-value", setting)]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(),
        data_converter=DATA_CONVERTER,
        dev_server_extra_args=extra,
    ) as env:
        await register_attributes(env.client)
        async with Worker(
            env.client,
            task_queue="stand-in",
            workflows=[StandIn],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            yield env.client


class Chain(NamedTuple):
    """The mesh whose versions may fail, what watches it, the door, and what the door logs."""

    mesh: Mesh
    prometheus: str
    door: str
    log: Path


@contextmanager
def door(folder: Path, client: Client) -> Iterator[str]:
    """`lockgate alerts receive` as a process of its own; where it listens."""
    write_private(folder / "token", TOKEN)
    port = free_port()
    command = [sys.executable, "-m", "starters.main", "alerts", "receive", "--port", str(port)]
    told = {"TEMPORAL_ADDRESS": client.service_client.config.target_host}
    told |= {"TEMPORAL_NAMESPACE": client.namespace}
    with (folder / "door.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--token-file", str(folder / "token")],
            cwd=ROOT,
            stderr=log,
            env=os.environ | told,
        )
    try:
        eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "the door to open")
        yield f"http://127.0.0.1:{port}/alerts"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def chain(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with ExitStack() as started:
        mesh = Mesh(tmp_path_factory.mktemp("envoy"), started.enter_context(backend()))
        mesh.start()
        started.callback(mesh.stop)
        folder = tmp_path_factory.mktemp("alerting")
        listens = started.enter_context(door(folder, client))
        told = started.enter_context(alertmanager(folder, routes(listens, folder / "token")))
        watches = started.enter_context(firing_prometheus(folder, mesh, told))
        yield Chain(mesh, watches, listens, folder / "door.log")


@pytest_asyncio.fixture(loop_scope="session")
async def release(client: Client) -> AsyncIterator[WorkflowHandle[StandIn, Alert]]:
    key = SearchAttributeKey.for_keyword_list(Attribute.ENVIRONMENT)
    handle = await client.start_workflow(
        StandIn.run,
        id=f"release/shop/{time.monotonic_ns()}",
        task_queue="stand-in",
        search_attributes=TypedSearchAttributes([SearchAttributePair(key, ["staging"])]),
    )
    yield handle
    if (await handle.describe()).close_time is None:
        await handle.terminate("the test is over")


async def failing(mesh: Mesh, digest: str, kind: str = "err") -> None:
    """Requests of one kind to one version, until cancelled."""
    while True:
        await asyncio.to_thread(mesh.send, digest, kind, 10)


async def test_a_failing_old_version_is_not_told(chain, release):
    """The alert fires and reaches the door, which finds that it is about the other version."""
    customers = asyncio.ensure_future(failing(chain.mesh, BASELINE))
    try:
        async with asyncio.timeout(60):
            while True:
                if said(chain.log, "alert_concerns_other", release.id):
                    break
                await asyncio.sleep(0.1)
    finally:
        customers.cancel()

    assert (await release.describe()).close_time is None


async def test_a_failing_canary_is_told_to_the_release_that_shifts_it(
    chain, release, record_property
):
    customers = asyncio.ensure_future(failing(chain.mesh, CANARY))
    began = datetime.now(UTC)
    try:
        alert = await asyncio.wait_for(release.result(), timeout=60)
    finally:
        customers.cancel()
    heard = datetime.now(UTC)

    assert alert.name == "VersionErrorsHigh"
    assert alert.labels["arm"] == arm_name("checkout", CANARY)
    assert alert.labels["service"] == "checkout"
    assert alert.fingerprint
    assert "fails" in alert.summary
    for what, since in (("first_bad_request", began), ("alert_firing", alert.starts_at)):
        record_property(f"seconds_from_{what}_to_signal", (heard - since).total_seconds())
        print(f"from {what} to signal: {(heard - since).total_seconds():.2f} s")  # noqa: T201


async def test_nobody_enters_without_the_token(chain):
    async with httpx.AsyncClient() as stranger:
        answer = await stranger.post(chain.door, json={"alerts": []})

    assert answer.status_code == 401
    assert TOKEN not in chain.log.read_text()


def test_the_size_of_an_alert_is_asked_of_the_prometheus_that_fires_it(chain):
    with httpx.Client() as client:
        manager = Alertmanager("http://none", client=client, prometheus=chain.prometheus)

        assert manager.measure("vector(3)") == 3
        assert manager.measure('vector(3) or label_replace(vector(5), "a", "b", "", "")') == 5
        assert manager.measure("absent(vector(1))") is None
        with pytest.raises(Refused, match="Prometheus"):
            manager.measure("burn(")


def said(log: Path, event: str, release: str) -> bool:
    return any(event in line and release in line for line in log.read_text().splitlines())
