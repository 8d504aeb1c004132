"""What a story says of versions holds where there are any, and keeps it from running nowhere."""

import uuid

import pytest
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker

from tests.workers.sandbox_stories import GoesToNewVersions
from workers.sandbox import runner
from workers.versioning import deployment_config, make_current
from workflows.environment import EnvironmentWorkflow
from workflows.reclaim import ReclaimWorkflow


async def test_a_story_that_goes_to_new_versions_runs_without_any(client):
    queue = uuid.uuid4().hex
    async with Worker(
        client, task_queue=queue, workflows=[GoesToNewVersions], workflow_runner=runner()
    ):
        answer = await client.execute_workflow(
            GoesToNewVersions.run, id=uuid.uuid4().hex, task_queue=queue
        )

    assert answer == "done"


async def test_on_a_worker_with_versions_it_goes_to_new_ones(client):
    deployment, queue = f"lockgate-{uuid.uuid4().hex[:6]}", uuid.uuid4().hex
    async with Worker(
        client,
        task_queue=queue,
        workflows=[GoesToNewVersions],
        workflow_runner=runner(versioned=True),
        deployment_config=deployment_config(deployment, "b1", versioned=True),
    ):
        await make_current(client, WorkerDeploymentVersion(deployment, "b1"), within=30)
        handle = await client.start_workflow(
            GoesToNewVersions.run, id=uuid.uuid4().hex, task_queue=queue
        )
        await handle.result()

    info = (await handle.describe()).raw_description.workflow_execution_info.versioning_info
    assert info.behavior == VersioningBehavior.AUTO_UPGRADE


@pytest.mark.parametrize("story", [EnvironmentWorkflow, ReclaimWorkflow])
def test_what_lives_for_weeks_keeps_no_old_worker_alive(story):
    assert story.__temporal_workflow_definition.versioning_behavior is (
        VersioningBehavior.AUTO_UPGRADE
    )
