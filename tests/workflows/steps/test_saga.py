"""The promise: whatever fails, the world ends as it was, or the outcome names each difference."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.testing import ActivityEnvironment

from tests.builders import a_catalog, a_release, a_service, build_of
from tests.fakes.deploy import FakeDeploy
from tests.fakes.traffic import FakeTraffic
from workflows.domain.errors import Diverged, Unavailable
from workflows.domain.release.plan import Stage
from workflows.domain.release.planning import compile_plan
from workflows.domain.spec import Catalog, Release
from workflows.domain.traffic.route import Route
from workflows.domain.values import Artifact
from workflows.ports.deploy import EnsureHealthy, InstallVersion, RemoveVersion
from workflows.ports.environment_stories import EndEnvironment
from workflows.ports.traffic import ShiftTraffic
from workflows.steps import saga as saga_module
from workflows.steps.baseline import Baseline
from workflows.steps.saga import Saga
from workflows.steps.trail import Trail
from workflows.steps.undoing import list_environment, list_promotion, list_retirement

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
SERVICES = ("checkout", "payments", "inventory")
RELEASE = "release/shop/1"
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
WELL, BEFORE, AFTER = "well", "fails before it acts", "fails after it acted"


@pytest.fixture(autouse=True, scope="module")
def clock():
    """Outside a story there is no time; it is noon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saga_module.workflow, "now", lambda: NOON)
        yield


@dataclass
class World:
    """Routers and platforms in memory; *fate* says how each undo in turn comes out."""

    traffic: FakeTraffic = field(default_factory=FakeTraffic)
    deploy: FakeDeploy = field(default_factory=FakeDeploy)
    fate: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def act(self, ask):
        """Do what *ask* says, as the activity behind its port would."""
        name = {
            EnsureHealthy: "ensure_healthy",
            InstallVersion: "install_version",
            RemoveVersion: "remove_version",
            ShiftTraffic: "shift_traffic",
        }.get(type(ask), "withdraw_version")
        port = self.deploy if hasattr(self.deploy, name) else self.traffic
        return ActivityEnvironment().run(getattr(port, name), ask)

    async def call(self, method, ask, *, trail):
        """Stands in for `steps.call.call`, whose other side is a server."""
        fate = self.fate.pop() if self.fate else WELL
        if fate == BEFORE:
            raise Unavailable("nobody answers")
        if isinstance(ask, EndEnvironment):
            self.ended.append(ask.environment)
            return None
        answer = self.act(ask)
        self.asked.append(method.__name__)
        self.see_that_what_is_served_runs(ask.target)
        if fate == AFTER:
            raise Unavailable("it acted, but the answer was lost")
        return answer

    def see_that_what_is_served_runs(self, target):
        running = {one.digest for one in self.deploy.deployment(target).instances}
        assert self.traffic.route(target).digests <= running

    def of(self, target):
        route = self.traffic.route(target)
        running = frozenset(one.digest for one in self.deploy.deployment(target).instances)
        return route.stable, route.canary, route.percent, running


def stand_in(patched, world):
    """Put *world* and a clock where a story would have a server."""
    patched.setattr(saga_module, "call", world.call)
    patched.setattr(saga_module.workflow, "now", lambda: NOW)


@pytest.fixture
def compensate(monkeypatch):
    """Run a saga's undos against a world."""

    async def run(world, saga, **options):
        stand_in(monkeypatch, world)
        return await saga.compensate(Trail("test"), **options)

    return run


def promotions(services=SERVICES, environments=("staging", "production")):
    release = Release.model_validate(
        a_release(*(a_service(name) for name in services), environments=environments)
    )
    return compile_plan("shop", release.spec, Catalog.model_validate(a_catalog())).promotions


def old_of(target):
    return Artifact(service=target.service, version="v1", digest=build_of(target.service, "v1"))


def serve(world, target, artifact):
    world.deploy.put(target, artifact)
    world.traffic.put(target, Route(stable=artifact.digest))


def forward(promotion, old):
    """The asks of one promotion, in order."""
    target, new, systems = promotion.target, promotion.artifact.digest, promotion.systems
    yield InstallVersion(
        target=target,
        platform=systems.platform,
        artifact=promotion.artifact,
        store=systems.artifacts,
        release=RELEASE,
    )
    here = {"target": target, "router": systems.router, "release": RELEASE}
    if old is not None:
        yield ShiftTraffic(**here, stable=old.digest, canary=new, percent=10)
    yield ShiftTraffic(
        **here, stable=new, canary=None, percent=0, replaces=old.digest if old else None
    )


def carried_out(world, saga, plan, olds, *, steps):
    """Do the first *steps* asks of a release over *plan*, each undo listed before its step."""
    for promotion in plan:
        if steps <= 0:
            return
        old = olds[promotion.target]
        baseline = Baseline(old, set_by="release/shop/0") if old else None
        list_promotion(saga, promotion, baseline, release=RELEASE)
        for ask in list(forward(promotion, olds[promotion.target]))[:steps]:
            world.act(ask)
            steps -= 1
    replaced = [(p, old) for p in plan if (old := olds[p.target]) is not None]
    for promotion, old in replaced if steps > 0 else ():
        list_retirement(saga, promotion, old, release=RELEASE)
    for promotion, old in replaced[: max(steps, 0)]:
        world.act(
            RemoveVersion(
                target=promotion.target, platform=promotion.systems.platform, digest=old.digest
            )
        )


@st.composite
def unfinished_releases(draw):
    """A release that got somewhere, the world around it, and how that was before."""
    plan = promotions(
        services=SERVICES[: draw(st.integers(1, 3))],
        environments=("staging", "production")[: draw(st.integers(1, 2))],
    )
    world, saga = World(), Saga()
    olds = {p.target: old_of(p.target) if draw(st.booleans()) else None for p in plan}
    for target, old in olds.items():
        if old is not None:
            serve(world, target, old)
    before = {p.target: world.of(p.target) for p in plan}
    carried_out(world, saga, plan, olds, steps=draw(st.integers(0, 4 * len(plan))))
    return world, saga, before


fates = st.lists(st.sampled_from([WELL, BEFORE, AFTER]), max_size=30)


def differing(world, before):
    return {str(target) for target, was in before.items() if world.of(target) != was}


@given(unfinished=unfinished_releases(), fate=fates)
async def test_the_world_ends_as_it_was_or_each_difference_is_named(unfinished, fate):
    world, saga, before = unfinished
    world.fate = list(fate)

    with pytest.MonkeyPatch.context() as patched:
        stand_in(patched, world)
        outcomes = await saga.compensate(Trail("test"))

    named = {done.undo.subject for done in outcomes if done.failure is not None}
    assert differing(world, before) <= named
    assert {undo.subject for undo in saga.undos} == named


@given(unfinished=unfinished_releases(), rounds=st.lists(fates, max_size=3))
async def test_once_the_failures_are_gone_another_try_restores_everything(unfinished, rounds):
    world, saga, before = unfinished

    with pytest.MonkeyPatch.context() as patched:
        stand_in(patched, world)
        for fate in rounds:
            world.fate = list(fate)
            await saga.compensate(Trail("test"))
        world.fate = []
        outcomes = await saga.compensate(Trail("test"))

    assert [done for done in outcomes if done.failure is not None] == []
    assert differing(world, before) == set()
    assert saga.undos == ()


@given(unfinished=unfinished_releases(), fate=fates)
async def test_undos_run_newest_first_and_each_is_answered_for(unfinished, fate):
    world, saga, _ = unfinished
    world.fate, listed = list(fate), saga.undos

    with pytest.MonkeyPatch.context() as patched:
        stand_in(patched, world)
        outcomes = await saga.compensate(Trail("test"))

    assert [done.undo for done in outcomes] == list(reversed(listed))
    stuck = {done.undo.subject for done in outcomes if done.failure is not None}
    assert saga.undos == tuple(
        done.undo
        for done in reversed(outcomes)
        if done.failure is not None
        or (done.undo.subject in stuck and done.undo.method == "ensure_healthy")
    )


@pytest.fixture
def canary():
    """Checkout in production, halfway through a canary."""
    (promotion,) = promotions(("checkout",), ("production",))
    world, saga = World(), Saga()
    old = old_of(promotion.target)
    serve(world, promotion.target, old)
    carried_out(world, saga, (promotion,), {promotion.target: old}, steps=2)
    return world, saga, promotion


async def test_a_version_that_may_still_be_served_is_not_removed(canary, compensate):
    world, saga, promotion = canary
    world.traffic.stuck.add(promotion.target)

    ensured, withdrawn, removed = await compensate(world, saga)

    assert ensured.failure is None
    assert withdrawn.failure.startswith("Refused: ")
    assert removed.failure == f"not tried, because this failed: {withdrawn.undo.sentence}"
    assert world.asked == ["ensure_healthy"]
    assert world.deploy.deployment(promotion.target).running(promotion.artifact.digest)


async def test_a_failure_at_one_target_does_not_keep_another_from_going_back(compensate):
    plan = promotions(("checkout", "payments"), ("production",))
    world, saga = World(), Saga()
    olds = {p.target: old_of(p.target) for p in plan}
    for target, old in olds.items():
        serve(world, target, old)
    carried_out(world, saga, plan, olds, steps=6)
    world.traffic.stuck.add(plan[1].target)

    outcomes = await compensate(world, saga)

    assert [done.failure is None for done in outcomes] == [True, False, False, True, True, True]
    assert world.of(plan[0].target)[0] == olds[plan[0].target].digest


async def test_no_traffic_goes_back_to_an_old_version_that_is_not_well(canary, compensate):
    """It would turn a bad canary for some into an outage for all: a person decides."""
    world, saga, promotion = canary
    world.deploy.unhealthy.add(old_of(promotion.target).digest)
    before = world.of(promotion.target)

    ensured, withdrawn, removed = await compensate(world, saga)

    assert ensured.failure.startswith("VersionUnhealthy: ")
    said = f"not tried, because this failed: {ensured.undo.sentence}"
    assert (withdrawn.failure, removed.failure) == (said, said)
    assert world.of(promotion.target) == before

    world.deploy.unhealthy.clear()
    assert [done.failure for done in await compensate(world, saga)] == [None, None, None]
    assert world.of(promotion.target)[0] == old_of(promotion.target).digest


async def test_a_retry_asks_again_how_the_old_version_is(canary, compensate):
    """It may have died in the hours in which the rollback waited for somebody."""
    world, saga, promotion = canary
    world.traffic.stuck.add(promotion.target)
    await compensate(world, saga)
    world.traffic.stuck.clear()
    world.deploy.unhealthy.add(old_of(promotion.target).digest)

    ensured, withdrawn, _ = await compensate(world, saga)

    assert ensured.failure.startswith("VersionUnhealthy: ")
    assert withdrawn.failure.startswith("not tried")


async def test_what_somebody_else_routed_is_never_overwritten(canary, compensate):
    world, saga, promotion = canary
    theirs = Artifact(service="checkout", version="v9", digest=build_of("checkout", "v9"))
    world.deploy.put(promotion.target, theirs)
    route = Route(stable=theirs.digest, canary=promotion.artifact.digest, percent=1)
    world.traffic.put(promotion.target, route)

    _, withdrawn, _ = await compensate(world, saga)

    assert withdrawn.failure.startswith(f"{Diverged.__name__}: ")
    assert world.traffic.route(promotion.target) == route


async def test_what_somebody_put_right_by_hand_is_found_right(canary, compensate):
    world, saga, promotion = canary
    world.traffic.stuck.add(promotion.target)
    await compensate(world, saga)
    world.traffic.stuck.clear()
    world.traffic.put(promotion.target, Route(stable=old_of(promotion.target).digest))

    outcomes = await compensate(world, saga)

    assert [done.failure for done in outcomes] == [None, None, None]
    assert saga.undos == ()


async def test_an_undo_survives_being_handed_over_as_data(canary, compensate):
    world, saga, promotion = canary
    carried = tuple(type(u).model_validate_json(u.model_dump_json()) for u in saga.undos)

    outcomes = await compensate(world, Saga(carried))

    assert [done.failure for done in outcomes] == [None, None, None]
    assert world.of(promotion.target)[0] == old_of(promotion.target).digest


def test_an_undo_is_listed_with_its_target_and_the_operators_sentence():
    saga = Saga()
    (promotion,) = promotions(("checkout",), ("production",))

    list_promotion(saga, promotion, None, release=RELEASE)

    remove, withdraw = saga.undos
    assert (remove.subject, withdraw.subject) == ("checkout@production",) * 2
    assert (remove.method, withdraw.method) == ("remove_version", "withdraw_version")
    assert str(withdraw).endswith("from checkout@production: serve nothing")


async def test_a_bug_is_not_an_outcome(canary, compensate, monkeypatch):
    """A bug stops the workflow task, where it waits for its fix; nothing is lost."""
    world, saga, _ = canary
    listed = saga.undos

    async def broken(*_, **__):
        raise KeyError("bug")

    monkeypatch.setattr(world, "call", broken)
    with pytest.raises(KeyError):
        await compensate(world, saga)

    assert saga.undos == listed


@pytest.fixture
def preview():
    """Checkout promoted into an environment that was made for the release."""
    (promotion,) = promotions(("checkout",), ("staging",))
    world, saga = World(), Saga()
    stage = Stage(environment="staging", gate=None, promotions=(promotion,))
    ask = EndEnvironment(environment="staging", reason="over", by=RELEASE, release=RELEASE)
    list_environment(saga, stage, ask)
    carried_out(world, saga, (promotion,), {promotion.target: None}, steps=2)
    return world, saga, promotion


async def test_an_environment_ends_when_all_in_it_is_put_back(preview, compensate):
    world, saga, promotion = preview

    outcomes = await compensate(world, saga)

    assert [done.undo.method for done in outcomes] == [
        "withdraw_version",
        "remove_version",
        "end_environment",
    ]
    assert world.ended == ["staging"]
    assert world.of(promotion.target)[0] is None


async def test_an_environment_stays_while_something_in_it_is_stuck(preview, compensate):
    """People may have to look into it; they end it by settling the rest."""
    world, saga, promotion = preview
    world.traffic.stuck.add(promotion.target)

    *_, ended = await compensate(world, saga)
    assert ended.failure.startswith("not tried, because this failed")
    assert world.ended == []

    saga.accept()
    assert [undo.method for undo in saga.undos] == ["end_environment"]
    await compensate(world, saga)
    assert world.ended == ["staging"]
    assert saga.undos == ()


async def test_what_is_gone_with_its_environment_is_not_asked_to_go_back(preview, compensate):
    world, saga, promotion = preview
    world.traffic.stuck.add(promotion.target)

    *back, ended = await compensate(world, saga, gone={str(promotion.target)})

    assert {done.told for done in back} == {"it went with its environment"}
    assert [done.failure for done in (*back, ended)] == [None, None, None]
    assert world.asked == []


def test_an_environment_alone_touches_nothing(preview):
    """Whoever is refused an environment has changed nothing that anybody uses."""
    _, saga, _ = preview

    assert saga.touched
    assert not Saga(saga.undos[:1]).touched
