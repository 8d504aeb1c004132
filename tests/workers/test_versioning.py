import shutil
import uuid
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from workers import versioning
from workers.versioning import NotMadeCurrent, build_id, deployment_config, make_current


@workflow.defn(sandboxed=False)
class Told:
    @workflow.run
    async def run(self) -> str:
        return "done"


def test_a_named_build_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("LOCKGATE_BUILD_ID", "2026.11.1")

    assert build_id() == "2026.11.1"


def test_the_same_source_is_the_same_build_and_any_change_is_another(monkeypatch, tmp_path):
    monkeypatch.delenv("LOCKGATE_BUILD_ID", raising=False)
    roots = {name: tmp_path / name for name in versioning.PACKAGES}
    for name, folder in roots.items():
        shutil.copytree(
            Path(versioning._folder(name)), folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    installed = build_id()
    monkeypatch.setattr(versioning, "_folder", roots.__getitem__)
    copied = build_id()

    with (roots["workflows"] / "release.py").open("a") as story:
        story.write("# changed\n")

    assert copied == installed
    assert build_id() != installed
    assert len(installed) == 16


@pytest.mark.parametrize(
    ("versioned", "behaviour"),
    [(True, VersioningBehavior.PINNED), (False, VersioningBehavior.UNSPECIFIED)],
)
def test_stories_are_pinned_to_the_build_they_began_on_and_activities_are_not(
    versioned, behaviour
):
    config = deployment_config("lockgate", "b1", versioned=versioned)

    assert config.use_worker_versioning is versioned
    assert config.default_versioning_behavior is behaviour
    assert config.version == WorkerDeploymentVersion("lockgate", "b1")


async def test_a_version_becomes_current_once_it_polls_and_runs_new_workflows(client):
    deployment, queue = f"lockgate-{uuid.uuid4().hex[:6]}", uuid.uuid4().hex
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Told],
        workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=deployment_config(deployment, "b1", versioned=True),
    ):
        await make_current(client, WorkerDeploymentVersion(deployment, "b1"), within=30)
        await make_current(client, WorkerDeploymentVersion(deployment, "b1"), within=30)

        handle = await client.start_workflow(Told.run, id=uuid.uuid4().hex, task_queue=queue)
        answer = await handle.result()

    info = (await handle.describe()).raw_description.workflow_execution_info.versioning_info
    assert answer == "done"
    assert info.behavior == VersioningBehavior.PINNED
    assert info.deployment_version.build_id == "b1"


async def test_a_version_that_never_polls_is_given_up_on(client):
    version = WorkerDeploymentVersion(f"lockgate-{uuid.uuid4().hex[:6]}", "absent")

    with pytest.raises(NotMadeCurrent, match=r"did not know it within 0\.6 s"):
        await make_current(client, version, within=0.6)
