"""One question to a worker: its answer, its refusal as itself, or who did not answer."""

from datetime import timedelta

import pytest
from temporalio.client import ActivityFailureError
from temporalio.exceptions import ApplicationError, TimeoutError, TimeoutType

from starters.asking import asked
from starters.failures import NobodyAnswers
from workflows.domain.errors import Diverged
from workflows.ports.audit import AuditPort, ReadRecord, RecordPage

ASK = ReadRecord(release="release/shop/1")


class Worker:
    """A client whose worker answers with what it is given."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = {}

    async def execute_activity_method(self, method, **options):
        self.asked = options
        if isinstance(self.answer, BaseException):
            raise ActivityFailureError(cause=self.answer)
        return self.answer


async def ask(worker):
    return await asked(
        worker, AuditPort.read_record, ASK, about="a/record", patience=timedelta(seconds=3)
    )


async def test_the_answer_comes_from_the_queue_of_the_port_within_a_persons_patience():
    page = RecordPage(links=(), head=None)
    worker = Worker(page)

    assert await ask(worker) == page
    assert worker.asked["task_queue"] == "audit"
    assert worker.asked["args"] == [ASK]
    assert worker.asked["schedule_to_close_timeout"] == timedelta(seconds=3)
    assert worker.asked["id"].startswith("a/record/")


async def test_a_refusal_that_no_retry_mends_comes_back_as_itself():
    with pytest.raises(Diverged, match="changed outside"):
        await ask(Worker(ApplicationError("changed outside", type="Diverged", non_retryable=True)))


@pytest.mark.parametrize(
    "failure",
    [
        TimeoutError(
            "nobody polls", type=TimeoutType.SCHEDULE_TO_START, last_heartbeat_details=[]
        ),
        ApplicationError("the ledger is down", type="Unavailable"),
    ],
)
async def test_silence_names_the_queue_and_what_to_look_at(failure):
    with pytest.raises(NobodyAnswers, match=r"(?s)read the record.*`audit` running.*doctor"):
        await ask(Worker(failure))
