import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.releases.activities import ReleasesActivities
from tests.contract.test_outcomes import ended as an_end
from workflows.domain.calendar.windows import Granted
from workflows.domain.errors import TargetMissing, Unavailable
from workflows.domain.names import rollback_id
from workflows.domain.release.phase import Phase
from workflows.domain.release.undo import Undo
from workflows.ports.releases import FindAbandoned, FindUnderWay, ReadOverrides, ReadReview

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASK = FindAbandoned(within=timedelta(days=7))
UNDO = Undo(subject="checkout@production", method="remove_version", ask={}, sentence="remove v2")


def run(workflow_id, status, *, start=NOON):
    return SimpleNamespace(
        id=workflow_id, run_id=uuid.uuid4().hex, status=status, start_time=start
    )


def missing():
    return RPCError("no such workflow", RPCStatusCode.NOT_FOUND, b"")


def _answered(answer, run_id):
    if isinstance(answer, Exception):
        raise answer
    assert run_id == "one"
    return answer


class Temporal:
    """The four questions that a sweep asks of a client, answered from a list of runs."""

    def __init__(self, *runs):
        self.runs = list(runs)
        self.undos = {}
        self.queries = []
        self.down = None
        self.end = None
        self.told = {}

    def list_workflows(self, query):
        self.queries.append(query)
        return self._listed()

    async def _listed(self):
        if self.down:
            raise self.down
        ended = {"TERMINATED", "FAILED", "TIMED_OUT", "CANCELED"}
        for each in self.runs:
            if each.status.name in ended and not each.id.endswith("rollback"):
                yield each

    def get_workflow_handle(self, workflow_id, run_id=None):
        async def describe():
            known = [each for each in self.runs if each.id == workflow_id]
            if not known:
                raise missing()
            return known[-1]

        async def query(name, *, result_type, rpc_timeout):
            if name == "end_from_outside":
                if isinstance(self.end, Exception):
                    raise self.end
                return () if self.end is None else (self.end,)
            if name in self.told:
                return _answered(self.told[name], run_id)
            assert (name, result_type) == ("undos", tuple[Undo, ...])
            answer = self.undos.get(run_id, ())
            if isinstance(answer, asyncio.Barrier):
                await answer.wait()
                answer = RPCError("timeout", RPCStatusCode.DEADLINE_EXCEEDED, b"")
            if isinstance(answer, Exception):
                raise answer
            return answer

        return SimpleNamespace(describe=describe, query=query)


async def found(temporal, ask=ASK):
    activities = ReleasesActivities(temporal, asyncio.get_running_loop(), clock=lambda: NOON)
    return (await asyncio.to_thread(activities.find_abandoned, ask)).releases


@pytest.fixture
def ended():
    return run("release/shop/ab", WorkflowExecutionStatus.TERMINATED)


@pytest.fixture
def temporal(ended):
    temporal = Temporal(ended)
    temporal.undos[ended.run_id] = (UNDO,)
    return temporal


async def test_a_terminated_release_that_left_undos_is_found(temporal, ended):
    (abandoned,) = await found(temporal)

    assert (abandoned.release, abandoned.run_id) == (ended.id, ended.run_id)
    assert abandoned.undos == (UNDO,)


async def test_what_is_to_be_filed_of_it_is_told_with_it(temporal, ended):
    temporal.end = an_end(1, phase=Phase.CANCELLED)

    (abandoned,) = await found(temporal)

    assert abandoned.ended == temporal.end


async def test_one_that_cannot_say_what_to_file_is_cleared_all_the_same(temporal, ended):
    temporal.end = WorkflowQueryFailedError("no such query")

    (abandoned,) = await found(temporal)

    assert abandoned.undos == (UNDO,)
    assert abandoned.ended is None


def under_way(status=WorkflowExecutionStatus.RUNNING, name="a"):
    return run(f"release/{name}/1", status)


class Changing:
    """Answers which releases run."""

    def __init__(self, *runs, down=None):
        self.runs, self.down, self.queries = runs, down, []

    async def _listed(self):
        if self.down:
            raise self.down
        for one in self.runs:
            yield one

    def list_workflows(self, query):
        self.queries.append(query)
        return self._listed()


async def beside(temporal, **more):
    ask = FindUnderWay(**{"environments": ("production",), "besides": "release/a/1", **more})
    activities = ReleasesActivities(temporal, asyncio.get_running_loop())
    return (await asyncio.to_thread(activities.find_under_way, ask)).releases


async def test_other_releases_that_change_the_environments_are_found():
    temporal = Changing(under_way(name="c"), under_way(name="a"), under_way(name="b"))

    assert await beside(temporal) == ("release/b/1", "release/c/1")
    (query,) = temporal.queries
    assert "ExecutionStatus = 'Running'" in query
    assert "LockgateEnvironment IN ('production')" in query
    assert "'Progressing', 'Holding', 'Verifying', 'RollingBack'" in query


async def test_so_many_are_told():
    temporal = Changing(*(under_way(name=name) for name in "bcdef"))

    assert len(await beside(temporal, limit=3)) == 3


async def test_an_environment_is_text_and_no_filter():
    temporal = Changing()

    await beside(temporal, environments=("x' OR 'a' = 'a",))

    assert r"IN ('x\' OR \'a\' = \'a')" in temporal.queries[0]


async def test_temporal_that_does_not_list_them_is_asked_again():
    down = RPCError("away", RPCStatusCode.UNAVAILABLE, b"")

    with pytest.raises(Unavailable, match="does not list the releases: away"):
        await beside(Changing(down=down))


async def test_only_the_time_asked_for_and_only_releases_are_looked_through(temporal):
    await found(temporal, FindAbandoned(within=HOUR))

    (query,) = temporal.queries
    assert "WorkflowType = 'ReleaseWorkflow'" in query
    assert "CloseTime > '2026-11-23T11:00:00+00:00'" in query
    assert "'Terminated', 'Failed', 'TimedOut', 'Canceled'" in query


async def test_a_release_that_cleaned_up_before_its_end_is_left_alone(temporal, ended):
    temporal.undos[ended.run_id] = ()

    assert await found(temporal) == ()


@pytest.mark.parametrize(
    ("status", "begun", "expected"),
    [
        (WorkflowExecutionStatus.RUNNING, NOON + HOUR, 0),
        (WorkflowExecutionStatus.COMPLETED, NOON + HOUR, 0),
        (WorkflowExecutionStatus.TERMINATED, NOON + HOUR, 1),
        (WorkflowExecutionStatus.COMPLETED, NOON - HOUR, 1),
    ],
    ids=["running", "completed", "itself terminated", "of an earlier run"],
)
async def test_a_rollback_of_this_run_settles_it(temporal, ended, status, begun, expected):
    temporal.runs.append(run(rollback_id(ended.id), status, start=begun))

    assert len(await found(temporal)) == expected


async def test_a_later_run_of_the_same_release_answers_for_it(temporal, ended):
    """Undoing the first run would take down what the second one promoted."""
    temporal.runs.append(run(ended.id, WorkflowExecutionStatus.COMPLETED, start=NOON + HOUR))

    assert await found(temporal) == ()


@pytest.mark.parametrize(
    "problem",
    [
        WorkflowQueryFailedError("no worker of this version"),
        RPCError("timeout", RPCStatusCode.DEADLINE_EXCEEDED, b""),
        WorkflowQueryRejectedError(WorkflowExecutionStatus.TERMINATED),
    ],
)
async def test_one_release_that_cannot_be_asked_does_not_hide_the_others(temporal, problem):
    unreadable = run("release/shop/cd", WorkflowExecutionStatus.FAILED)
    temporal.runs.insert(0, unreadable)
    temporal.undos[unreadable.run_id] = problem

    assert [each.release for each in await found(temporal)] == ["release/shop/ab"]


async def test_temporal_that_goes_away_in_the_middle_is_not_taken_for_a_clean_world(
    temporal, ended
):
    temporal.undos[ended.run_id] = RPCError("gone", RPCStatusCode.UNAVAILABLE, b"")

    with pytest.raises(Unavailable, match="gone"):
        await found(temporal)


async def test_a_rollback_that_cannot_be_looked_up_is_not_taken_for_none(temporal, ended):
    """Undoing beside a rollback at work would have two stories change one world."""
    look_up = temporal.get_workflow_handle

    def get_workflow_handle(workflow_id, run_id=None):
        async def describe():
            raise RPCError("not permitted", RPCStatusCode.PERMISSION_DENIED, b"")

        handle = look_up(workflow_id, run_id)
        if workflow_id == rollback_id(ended.id):
            handle.describe = describe
        return handle

    temporal.get_workflow_handle = get_workflow_handle

    with pytest.raises(Unavailable, match="not permitted"):
        await found(temporal)


async def test_no_more_than_asked_for_are_answered(temporal):
    for number in range(3):
        more = run(f"release/shop/{number}", WorkflowExecutionStatus.CANCELED)
        temporal.runs.append(more)
        temporal.undos[more.run_id] = (UNDO,)

    assert len(await found(temporal, FindAbandoned(within=HOUR, limit=2))) == 2


async def test_many_that_cannot_be_asked_do_not_use_up_the_time_for_the_others(
    temporal, monkeypatch
):
    """As after a rollout that left no worker of the build that they are pinned to."""
    monkeypatch.setattr("activities.releases.activities._PATIENCE", timedelta(seconds=3))
    together = asyncio.Barrier(10)
    for number in range(10):
        unreadable = run(f"release/old/{number}", WorkflowExecutionStatus.TERMINATED)
        temporal.runs.insert(0, unreadable)
        temporal.undos[unreadable.run_id] = together

    assert [each.release for each in await found(temporal)] == ["release/shop/ab"]


async def test_no_more_is_answered_than_temporal_takes(temporal, ended):
    large = UNDO.model_copy(update={"sentence": "x" * 700_000})
    temporal.undos[ended.run_id] = (large,)
    more = run("release/shop/cd", WorkflowExecutionStatus.TERMINATED)
    temporal.runs.append(more)
    temporal.undos[more.run_id] = (large,)

    assert [each.release for each in await found(temporal)] == [ended.id]


async def test_temporal_that_does_not_answer_is_asked_again_later(temporal):
    temporal.down = RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")

    with pytest.raises(Unavailable, match="connection refused"):
        await found(temporal)


async def test_temporal_that_never_answers_is_given_up_on(temporal, monkeypatch):
    monkeypatch.setattr("activities.releases.activities._PATIENCE", timedelta(milliseconds=50))
    hanging = asyncio.Event()

    async def hang():
        await hanging.wait()
        yield

    temporal._listed = hang

    with pytest.raises(Unavailable, match="did not list"):
        await found(temporal)


REVIEW = ReadReview(review="release/shop/1/readiness/production", run="one")


async def told(temporal):
    activities = ReleasesActivities(temporal, asyncio.get_running_loop())
    return await asyncio.to_thread(activities.read_review, REVIEW)


async def test_a_review_is_asked_in_the_very_run_that_was_started(temporal):
    temporal.told["status"] = "Go"

    assert await told(temporal) == "Go"


async def test_a_release_is_asked_in_its_very_run_what_was_set_aside(temporal):
    granted = Granted(
        window="incident-7",
        by=("ana", "ben"),
        reason="the fix of the outage",
        granted_at=NOON,
        expires_at=NOON + HOUR,
        retrospective_by=NOON + HOUR,
    )
    temporal.told["set_aside"] = (granted,)
    activities = ReleasesActivities(temporal, asyncio.get_running_loop())
    ask = ReadOverrides(release="release/shop/1", run="one")

    read = await asyncio.to_thread(activities.read_overrides, ask)

    assert read.granted == (granted,)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (missing(), TargetMissing),
        (RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b""), Unavailable),
        (WorkflowQueryFailedError("no worker"), Unavailable),
    ],
)
async def test_a_review_that_does_not_answer_says_nothing(temporal, failure, kind):
    temporal.told["status"] = failure

    with pytest.raises(kind):
        await told(temporal)
