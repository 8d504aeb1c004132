import uuid

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import RestrictedWorkflowAccessError

from tests.workers.sandbox_stories import ReadsTheClock, SpeaksInValues
from workers.sandbox import runner
from workflows.domain.values import Target


@pytest.fixture
async def worker(client):
    queue = uuid.uuid4().hex
    async with Worker(
        client,
        task_queue=queue,
        workflows=[ReadsTheClock, SpeaksInValues],
        workflow_runner=runner(),
        workflow_failure_exception_types=[RestrictedWorkflowAccessError, TypeError],
    ):
        yield queue


async def test_a_story_that_reads_the_clock_is_caught(client, worker):
    with pytest.raises(WorkflowFailureError) as failed:
        await client.execute_workflow(ReadsTheClock.run, id=uuid.uuid4().hex, task_queue=worker)

    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "RestrictedWorkflowAccessError"


async def test_values_are_the_same_classes_in_and_out_of_the_sandbox(client, worker):
    target = Target(service="checkout", environment="staging")

    answer = await client.execute_workflow(
        SpeaksInValues.run, target, id=uuid.uuid4().hex, task_queue=worker
    )

    assert answer == target
