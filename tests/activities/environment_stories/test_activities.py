import asyncio
import base64
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError, RPCStatusCode

from activities.environment_stories.activities import EnvironmentStoriesActivities
from tests.environments import an_environment_view
from workflows.domain.environments.commands import Ended
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import Refused, Unavailable
from workflows.ports.environment_stories import (
    EndEnvironment,
    FindEnvironments,
    FoundEnvironments,
    ReadEnvironments,
)

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
AWAY = RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
MISSING = RPCError("no such workflow", RPCStatusCode.NOT_FOUND, b"")


class Temporal:
    """What is asked of a client, answered from views by id; an exception is raised."""

    def __init__(self, *pages):
        self.stories, self.told, self.asked = {}, [], []
        self.pages = list(pages)
        self.queries = []
        self.down = None
        self.at_once = self.most_at_once = 0

    def get_workflow_handle(self, workflow_id):
        async def query(name, *, result_type, reject_condition, rpc_timeout):
            assert (name, result_type) == ("status", EnvironmentView)
            assert reject_condition is QueryRejectCondition.NOT_OPEN
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            await asyncio.sleep(0)
            self.at_once -= 1
            answer = self.stories.get(workflow_id, MISSING)
            if isinstance(answer, Exception):
                raise answer
            return answer

        async def signal(name, said):
            if self.down:
                raise self.down
            self.told.append((workflow_id, name, said))

        return SimpleNamespace(query=query, signal=signal)

    def list_workflows(self, query, *, page_size, next_page_token):
        self.queries.append((query, page_size, next_page_token))
        at = 0 if next_page_token is None else int(next_page_token)
        listed = SimpleNamespace(current_page=None, next_page_token=next_page_token)

        async def fetch_next_page():
            if self.down:
                raise self.down
            listed.current_page = [SimpleNamespace(id=i) for i in self.pages[at]]
            more = at + 1 < len(self.pages)
            listed.next_page_token = str(at + 1).encode() if more else None

        listed.fetch_next_page = fetch_next_page
        return listed


@pytest.fixture
def temporal():
    return Temporal()


async def asked(temporal, method, ask):
    activities = EnvironmentStoriesActivities(temporal, asyncio.get_running_loop())
    return await asyncio.to_thread(getattr(activities, method), ask)


async def living(temporal, *names, brief=False):
    ask = ReadEnvironments(names=names, brief=brief)
    return (await asked(temporal, "read_environments", ask)).environments


class TestReadEnvironments:
    async def test_the_living_tell_of_themselves_and_the_others_are_left_out(self, temporal):
        temporal.stories["environment/a"] = an_environment_view("a")
        temporal.stories["environment/b"] = WorkflowQueryRejectedError(
            WorkflowExecutionStatus.COMPLETED
        )

        assert await living(temporal, "a", "b", "c") == {"a": an_environment_view("a")}

    @pytest.mark.parametrize(
        "problem",
        [
            WorkflowQueryFailedError("no such query"),
            RPCError("no worker", RPCStatusCode.DEADLINE_EXCEEDED, b""),
            RPCError("not permitted", RPCStatusCode.PERMISSION_DENIED, b""),
        ],
    )
    async def test_one_that_cannot_be_asked_is_not_taken_for_gone(self, temporal, problem):
        temporal.stories |= {"environment/a": problem, "environment/b": an_environment_view("b")}

        assert await living(temporal, "a", "b") == {"a": None, "b": an_environment_view("b")}

    async def test_temporal_that_is_away_is_not_taken_for_an_empty_world(self, temporal):
        temporal.stories["environment/a"] = AWAY

        with pytest.raises(Unavailable, match="away"):
            await living(temporal, "a")

    async def test_no_answer_in_time_is_asked_again(self, temporal, monkeypatch):
        patience = timedelta(milliseconds=50)
        monkeypatch.setattr("activities.environment_stories.activities._PATIENCE", patience)
        never = asyncio.Event()
        handle = SimpleNamespace(query=lambda *_, **__: never.wait())
        temporal.get_workflow_handle = lambda _: handle

        with pytest.raises(Unavailable, match="did not answer"):
            await living(temporal, "a")

    async def test_only_so_many_are_asked_at_once(self, temporal):
        names = [f"n{number}" for number in range(200)]
        temporal.stories |= {f"environment/{name}": an_environment_view(name) for name in names}

        assert len(await living(temporal, *names)) == 200
        assert temporal.most_at_once == 32

    async def test_brief_views_leave_out_what_is_long(self, temporal):
        temporal.stories["environment/a"] = an_environment_view(
            "a", outputs={"Bucket": "b"}, team="x"
        )

        (view,) = (await living(temporal, "a", brief=True)).values()

        assert (view.outputs, view.team) == ({}, "x")

    async def test_no_more_is_answered_than_temporal_takes(self, temporal):
        long = {"Text": "x" * 600_000}
        temporal.stories |= {
            f"environment/{n}": an_environment_view(n, outputs=long) for n in "abc"
        }

        views = await living(temporal, "a", "b", "c")

        assert [bool(view.outputs) for view in views.values()] == [True, False, False]


class TestEndEnvironment:
    ASK = EndEnvironment(environment="a", reason="over", by="sweep", release="release/x/1")

    async def test_its_story_is_told(self, temporal):
        await asked(temporal, "end_environment", self.ASK.model_copy(update={"if_expired": True}))

        said = Ended(by="sweep", reason="over", release="release/x/1", if_expired=True)
        assert temporal.told == [("environment/a", "end", said)]

    async def test_one_that_has_ended_is_left_alone(self, temporal):
        temporal.down = MISSING

        await asked(temporal, "end_environment", self.ASK)

        assert temporal.told == []

    async def test_temporal_that_is_away_is_asked_again(self, temporal):
        temporal.down = AWAY

        with pytest.raises(Unavailable, match=r"a was not told.*away"):
            await asked(temporal, "end_environment", self.ASK)


class TestFindEnvironments:
    async def test_pages_are_told_one_by_one(self):
        temporal = Temporal(["environment/b", "environment/a"], ["environment/c", "other"])

        first = await asked(temporal, "find_environments", FindEnvironments(limit=2))
        ask = FindEnvironments(limit=2, page=first.page)
        last = await asked(temporal, "find_environments", ask)

        assert (first.names, first.more) == (("a", "b"), True)
        assert last == FoundEnvironments(names=("c",))
        assert temporal.queries[0] == (
            "WorkflowType = 'EnvironmentWorkflow' AND ExecutionStatus = 'Running'",
            2,
            None,
        )
        assert temporal.queries[1][2] == base64.b64decode(first.page)

    async def test_those_whose_time_is_over_are_asked_for_by_it(self):
        temporal = Temporal(["environment/a"])

        await asked(temporal, "find_environments", FindEnvironments(expired_before=NOON))

        assert temporal.queries[0][0].endswith(" AND LockgateExpiry < '2026-11-26T12:00:00+00:00'")

    async def test_a_page_that_was_never_answered_is_refused(self):
        with pytest.raises(Refused, match="is no page"):
            await asked(Temporal(), "find_environments", FindEnvironments(page="no!"))

    async def test_temporal_that_is_away_is_asked_again(self):
        temporal = Temporal([])
        temporal.down = AWAY

        with pytest.raises(Unavailable, match="away"):
            await asked(temporal, "find_environments", FindEnvironments())
