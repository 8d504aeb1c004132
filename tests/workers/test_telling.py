"""What a long activity sees reaches its story; what cannot be told stops nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from workers import telling
from workers.telling import Teller
from workflows.domain.canary.verdict import Verdict, Word
from workflows.domain.canary.watch import Watched
from workflows.domain.names import WATCHED

SEEN = Watched(verdict=Verdict(word=Word.INCONCLUSIVE, reason="not yet"), watch=3)


class Client:
    """The part of Temporal's client that a teller uses; *answers* is what a signal comes to."""

    def __init__(self, answers: Callable[[], object]) -> None:
        self.answers = answers
        self.told: list[tuple[object, ...]] = []

    def get_workflow_handle(self, workflow_id, *, run_id):
        client = self

        class Handle:
            async def signal(self, name, argument):
                client.told.append((workflow_id, run_id, name, argument))
                await client.answers()

        return Handle()


async def fine():
    """The server took it."""


async def gone():
    raise RPCError("workflow is over", RPCStatusCode.NOT_FOUND, b"")


async def never():
    await asyncio.Event().wait()


@pytest.fixture
def environment():
    found = ActivityEnvironment()
    found.info = replace(found.info, workflow_id="promotion/1", workflow_run_id="run-1")
    return found


async def tell(environment, answers):
    """Tell from a thread, as an activity does, to the loop that the client belongs to."""
    client = Client(answers)
    teller = Teller(client, asyncio.get_running_loop())
    with capture_logs() as logs:
        await asyncio.to_thread(environment.run, teller, SEEN)
    return client.told, [line["event"] for line in logs]


async def test_news_go_to_the_run_whose_activity_has_seen_them(environment):
    told, logs = await tell(environment, fine)

    assert told == [("promotion/1", "run-1", WATCHED, SEEN)]
    assert logs == []


async def test_a_story_that_is_over_is_not_told_and_the_activity_goes_on(environment):
    _, logs = await tell(environment, gone)

    assert logs == ["story_not_told"]


async def test_a_server_that_does_not_answer_is_not_waited_for_long(environment, monkeypatch):
    monkeypatch.setattr(telling, "_PATIENCE_SECONDS", 0.05)

    _, logs = await tell(environment, never)

    assert logs == ["story_not_told"]


async def test_an_activity_of_no_story_tells_nobody(environment):
    environment.info = replace(environment.info, workflow_id=None)

    told, logs = await tell(environment, fine)

    assert (told, logs) == ([], [])
