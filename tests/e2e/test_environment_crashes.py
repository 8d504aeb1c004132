"""kill -9 of worker and server at each step of an environment's life: it ends all the same.

One kill serves many environments, each of which is stopped at another call to the provider: what
follows a kill takes a minute, because nobody notices a dead worker before its heartbeat is late.
All of them wait in the worker at once, which has room for 64 (workers/pools.py).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

import pytest
import pytest_asyncio

from tests.cloud_proxy import Call, Held, Lose
from tests.e2e.live_cloud import MADE, LiveCloud, LiveEnvironment
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView


class During(StrEnum):
    """Which part of a life a call belongs to."""

    CREATION = "creation"
    FAILURE = "failed creation"
    TEARDOWN = "teardown"


@dataclass(frozen=True)
class Step:
    """One call to the provider."""

    during: During
    service: str
    action: str
    after: str = ""

    @property
    def changes(self) -> bool:
        """Whether the provider is another one afterwards, so that a lost answer matters."""
        return self.action.startswith(("Create", "Execute", "Delete"))

    def __str__(self) -> str:
        after = f" after {self.after}" if self.after else ""
        return f"{self.during}: {self.service} {self.action}{after}"


CREATION = (
    ("cloudformation", "DescribeStacks"),
    ("tagging", "GetResources"),
    ("ec2", "DescribeTags"),
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("cloudformation", "ValidateTemplate"),
    ("cloudformation", "GetTemplateSummary"),
    ("cloudformation", "CreateChangeSet"),
    ("cloudformation", "DescribeStacks", "CreateChangeSet"),
    ("cloudformation", "DescribeChangeSet"),
    ("cloudformation", "ExecuteChangeSet"),
    ("cloudformation", "DescribeStacks", "ExecuteChangeSet"),
    ("cloudformation", "ListStackResources"),
    ("cloudformation", "GetTemplate"),
)
FAILURE = (
    ("cloudformation", "ExecuteChangeSet"),
    ("cloudformation", "DescribeStacks", "ExecuteChangeSet"),
    ("cloudformation", "DescribeStackEvents"),
    ("cloudformation", "DeleteStack"),
    ("cloudformation", "DescribeStacks", "DeleteStack"),
    ("tagging", "GetResources", "DeleteStack"),
)
TEARDOWN = (
    ("cloudformation", "DescribeStacks"),
    ("cloudformation", "ListStackResources"),
    ("tagging", "GetResources"),
    ("ec2", "DescribeTags"),
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("rds", "DescribeDBInstances"),
    ("rds", "DescribeDBSnapshots"),
    ("rds", "CreateDBSnapshot"),
    ("rds", "DescribeDBSnapshots", "CreateDBSnapshot"),
    ("s3", "BucketTagging"),
    ("s3", "ListMultipartUploads"),
    ("s3", "ListObjectVersions"),
    ("s3", "DeleteObjects"),
    ("s3", "ListObjectVersions", "DeleteObjects"),
    ("cloudformation", "DeleteStack"),
    ("cloudformation", "DescribeStacks", "DeleteStack"),
    ("cloudformation", "DescribeStackEvents", "DeleteStack"),
    ("tagging", "GetResources", "DeleteStack"),
    ("dynamodb", "DescribeTable", "DeleteStack"),
)
STEPS = (
    *(Step(During.CREATION, *each) for each in CREATION),
    *(Step(During.FAILURE, *each) for each in FAILURE),
    *(Step(During.TEARDOWN, *each) for each in TEARDOWN),
)


OVER = (EnvironmentPhase.REMOVED, EnvironmentPhase.FAILED)


@dataclass(frozen=True)
class Case:
    """An environment that is stopped at *step* by a kill of *victim*."""

    victim: str
    step: Step
    lose: Lose

    @property
    def name(self) -> str:
        return f"{self.victim}-{self.lose}-{STEPS.index(self.step):02}"

    @property
    def template(self) -> str:
        return "broken" if self.step.during is During.FAILURE else "preview"

    def __str__(self) -> str:
        return f"{self.victim}: {self.step}, {self.lose}"


CASES = tuple(
    Case(victim, step, lose)
    for victim in ("temporal", "worker")
    for step in STEPS
    for lose in Lose
    # A worker hears its answer while the server is dead; and of a look, it is all the same whether
    # the request or the answer is lost.
    if lose is Lose.REQUEST or (victim == "worker" and step.changes)
)


@dataclass(frozen=True)
class Aftermath:
    """What became of one of them."""

    ready: EnvironmentView | None
    gone: EnvironmentView
    calls: list[Call]


@dataclass(frozen=True)
class Crashes:
    """All of them, one that nobody disturbed, and one that nobody was to touch."""

    calm: Aftermath
    cases: dict[Case, Aftermath]
    bystander: EnvironmentView


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crashes(cloud: LiveCloud) -> AsyncIterator[Crashes]:
    bystander = await cloud.make("bystander")
    calm = await _calm(cloud)
    found: dict[Case, Aftermath] = {}
    for victim in ("temporal", "worker"):
        cases = [case for case in CASES if case.victim == victim]
        found |= await _crash(cloud, victim, cases)
    yield Crashes(calm, found, await bystander.view())
    await bystander.tear_down()
    await bystander.ended()


async def _calm(cloud: LiveCloud) -> Aftermath:
    one = await cloud.make("calm")
    ready = await one.until_phase(EnvironmentPhase.READY)
    cloud.hands.put_object("calm", "receipt.pdf")
    await one.tear_down()
    return Aftermath(ready, await one.ended(), cloud.proxy.made("calm"))


async def _crash(cloud: LiveCloud, victim: str, cases: list[Case]) -> dict[Case, Aftermath]:
    """Bring each to its step, kill once, and see all of them to their end."""
    ending = [case for case in cases if case.step.during is During.TEARDOWN]
    made = {case: await cloud.make(case.name) for case in ending}
    ready = {case: await one.until_phase(EnvironmentPhase.READY) for case, one in made.items()}
    held: dict[Case, Held] = {}
    for case in ending:
        cloud.hands.put_object(case.name, "receipt.pdf")
        held[case] = _hold(cloud, case)
        await made[case].tear_down()
    for case in cases:
        if case not in made:
            held[case] = _hold(cloud, case)
            made[case] = await cloud.make(case.name, case.template)
    await asyncio.to_thread(_all_arrived, held)
    await asyncio.to_thread(cloud.kill, victim)
    for each in held.values():
        each.drop() if victim == "worker" else each.go_on()
    for case in cases:
        if case.step.during is During.CREATION:
            ready[case] = await made[case].until_phase(EnvironmentPhase.READY, *OVER)
            if ready[case].phase is EnvironmentPhase.READY:
                cloud.hands.put_object(case.name, "receipt.pdf")
                await made[case].tear_down()
    gone = dict(zip(made, await asyncio.gather(*map(_gone, made.values())), strict=True))
    return {
        case: Aftermath(ready.get(case), gone[case], cloud.proxy.made(case.name)) for case in cases
    }


async def _gone(one: LiveEnvironment) -> EnvironmentView:
    """How it ended, or where it stands if it does not: its own test says what is wrong with it."""
    try:
        return await one.ended()
    except TimeoutError:
        return await one.view()


def _hold(cloud: LiveCloud, case: Case) -> Held:
    step = case.step
    return cloud.proxy.hold(Held(step.service, step.action, case.name, case.lose, step.after))


def _all_arrived(held: dict[Case, Held]) -> None:
    missing = [str(case) for case, each in held.items() if not each.arrived.wait(timeout=20)]
    assert missing == [], "these calls were never made"


LIVES = tuple(case for case in CASES if case.step.during is not During.FAILURE)
FAILURES = tuple(case for case in CASES if case.step.during is During.FAILURE)


@pytest.mark.parametrize("case", LIVES, ids=str)
async def test_it_ends_as_if_nobody_had_been_killed(
    cloud: LiveCloud, crashes: Crashes, case: Case
):
    after, calm = crashes.cases[case], crashes.calm

    assert after.ready is not None
    assert calm.ready is not None
    assert after.ready.per_hour == calm.ready.per_hour
    assert after.ready.resources == calm.ready.resources
    assert after.gone.phase is EnvironmentPhase.REMOVED
    assert _removed(after.gone) == _removed(calm.gone)
    assert cloud.hands.count(case.name) == []
    assert len(cloud.hands.snapshots(case.name)) == 1


def _removed(view: EnvironmentView) -> tuple[object, ...]:
    """What a removal tells that is the same for all of them."""
    assert view.removal is not None
    assert view.removal.after is not None
    return (
        view.removal.after.empty,
        view.removal.saved_per_month,
        sorted(each.partition(" (")[0] for each in view.removal.removed),
        len(view.removal.snapshots),
    )


@pytest.mark.parametrize("case", FAILURES, ids=str)
async def test_what_could_not_be_made_leaves_nothing(
    cloud: LiveCloud, crashes: Crashes, case: Case
):
    after = crashes.cases[case]

    assert after.gone.phase is EnvironmentPhase.FAILED
    assert "Returns" in after.gone.reason
    assert "VisibilityTimeout" in after.gone.reason
    assert cloud.hands.count(case.name) == []
    assert len(cloud.hands.past(case.name)[0]) == 1


@pytest.mark.parametrize("case", LIVES, ids=str)
async def test_nothing_is_made_or_deleted_twice(cloud: LiveCloud, crashes: Crashes, case: Case):
    """CloudFormation's own record: one stack of that name ever, and one end of each resource."""
    stacks, ends = cloud.hands.past(case.name)

    assert len(stacks) == 1
    assert set(ends.values()) == {1}
    assert len(ends) == MADE
    others = [call.action for call in crashes.cases[case].calls if call.deletes]
    assert set(others) <= {"DeleteObjects", "DeleteStack"}


async def test_an_environment_that_nobody_ended_is_left_alone(cloud: LiveCloud, crashes: Crashes):
    assert crashes.bystander.phase is EnvironmentPhase.READY
    assert [call for call in cloud.proxy.made("lockgate-bystander") if call.deletes] == []


async def test_every_call_of_a_life_is_a_step(crashes: Crashes):
    """So that a call which is added later is killed at as well."""
    made = Counter((call.service, call.action) for call in crashes.calm.calls)
    killed_at = {(step.service, step.action) for step in STEPS}

    assert sorted(set(made) - killed_at) == []
