"""A stage that is created for its release: on the real stack, by way of an emulator of AWS."""

import shutil
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from examples.environments.typed import CATALOG
from examples.shop.build import build
from examples.shop.publish import publish
from examples.shop.versions import VERSIONS
from starters import starting, steering
from starters.files.spec_file import load_order
from tests.e2e.live_cloud import LiveCloud, LiveEnvironment
from tests.e2e.live_shop import LiveRelease, until
from tests.e2e.release_files import CATALOG_FOLDER, documents, write_documents, write_release
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.names import Queue
from workflows.domain.release.phase import Phase
from workflows.sweep import SweepOrder, SweepWorkflow

STAGE = "staging"


@pytest.fixture(scope="session")
def releases(cloud: LiveCloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where releases lie beside a catalog whose stage is created from the example's template."""
    builds = [build("inventory", version) for version in VERSIONS["inventory"]]
    publish(builds, cloud.site.home.builds)
    folder = tmp_path_factory.mktemp("bound")
    metrics = "exposition" if cloud.site.monitoring is None else "prometheus"
    written = documents(gated=False, metrics=metrics)
    for document in written:
        if (document["kind"], document["metadata"]["name"]) == ("Environment", STAGE):
            document["spec"]["createdFrom"] = {"templateRef": "preview"}
    catalog = folder / CATALOG_FOLDER
    write_documents(catalog, written)
    shutil.copy(Path(CATALOG, "templates.yaml"), catalog)
    shutil.copytree(Path(CATALOG, "templates"), catalog / "templates")
    return folder


@pytest.fixture
def begin(cloud: LiveCloud, releases: Path) -> Callable[..., Awaitable[LiveRelease]]:
    """Begin a release of the inventory into that stage."""

    async def begun(name: str) -> LiveRelease:
        file = releases / f"{name}.yaml"
        write_release(file, {"inventory": "v1"}, (STAGE,))
        order = load_order(file, requested_by="ana")
        return LiveRelease(name, (await starting.start(cloud.client, order)).release, cloud.client)

    return begun


@pytest.fixture
def stage(cloud: LiveCloud) -> LiveEnvironment:
    return LiveEnvironment(STAGE, cloud.client)


def assert_gone(view: EnvironmentView, release: LiveRelease) -> None:
    assert (view.release, view.phase) == (release.id, EnvironmentPhase.REMOVED)
    assert view.removal is not None
    assert view.removal.after is not None
    assert view.removal.after.empty


async def test_it_is_there_for_its_release_and_gone_after_it_whoever_dies(
    cloud: LiveCloud, begin: Callable[..., Awaitable[LiveRelease]], stage: LiveEnvironment
):
    """The worker is killed while it is made, and once more while it is used."""
    release = await begin("kept")
    await release.until(lambda status: any(made.phase for made in status.environments))
    cloud.kill("worker")
    await stage.until_phase(EnvironmentPhase.READY, EnvironmentPhase.TEARING_DOWN)
    cloud.kill("worker")

    outcome = await release.ended()

    assert (outcome.phase, outcome.leftovers) == (Phase.HEALTHY, ())
    assert_gone(await stage.ended(), release)


async def test_the_sweep_ends_what_a_terminated_release_has_left(
    cloud: LiveCloud, begin: Callable[..., Awaitable[LiveRelease]], stage: LiveEnvironment
):
    release = await begin("terminated")
    await release.tell(steering.Word.HOLD)
    await release.until_phase(Phase.HOLDING)
    await release.handle.terminate("somebody pulled the plug")
    assert (await stage.view()).phase is EnvironmentPhase.READY

    await until(lambda: _sweep(cloud), lambda swept: release.id in swept)
    rolled_back = await release.rollback.result()

    assert rolled_back.differences == ()
    assert_gone(await stage.ended(), release)


async def _sweep(cloud: LiveCloud) -> tuple[str, ...]:
    """What one sweep found; what has just ended is found a moment later."""
    report = await cloud.client.execute_workflow(
        SweepWorkflow.run,
        SweepOrder(),
        id=f"sweep-{uuid.uuid4().hex}",
        task_queue=Queue.STORIES,
    )
    return report.releases
