"""Releases whose versions run on ECS: the same stories, over our fake of its cluster."""

from pathlib import Path

import pytest

from activities.deploy.ecs import EcsPlatform
from tests.builders import build_of
from tests.contract.on_ecs import on_ecs, write_template
from tests.engine.conftest import World
from tests.fakes.deploy import FakeDeploy
from tests.fakes.ecs import FakeEcs
from workflows.domain.release.phase import Phase
from workflows.domain.values import Artifact, Provider, Target, arm_name
from workflows.ports.deploy import Instance

CHECKOUT = Target(service="checkout", environment="production")
OLD, NEW = (build_of("checkout", version) for version in ("v1", "v2"))


class OnEcs(FakeDeploy):
    """Every environment is a platform of its own in one cluster."""

    def __init__(self, templates: Path) -> None:
        super().__init__()
        self.cluster = FakeEcs()
        self._templates = templates
        self._fetch = lambda _store, artifact: manifest_of(artifact)

    def platform(self, provider: Provider) -> EcsPlatform:
        made = on_ecs(
            self.cluster,
            self._templates,
            connection=provider.connection,
            prefix=f"{provider.connection}-",
        )
        return self.platforms.setdefault(provider, made)

    def put(self, target: Target, artifact: Artifact, *, type: str = "fake") -> Instance:
        platform = self.platform(Provider(type=type, connection=target.environment))
        return platform.install(artifact, lambda: manifest_of(artifact), lambda: None)

    def revision(self, digest: str) -> str:
        """What the version in production runs on."""
        return self.cluster.services[self._name(digest)].rollout.definition

    def _name(self, digest: str) -> str:
        return f"production-{arm_name('checkout', digest)}"


def manifest_of(artifact: Artifact) -> bytes:
    return f"{artifact.service} {artifact.version}".encode()


@pytest.fixture
def deploy(tmp_path: Path) -> OnEcs:
    return OnEcs(write_template(tmp_path / "ecs"))


@pytest.fixture
def world(deploy: OnEcs) -> World:
    world = World(deploy=deploy)
    world.serve(CHECKOUT, "v1")
    return world


async def test_a_healthy_release_leaves_one_service_on_one_revision(start, world, deploy):
    outcome = await (await start()).result()

    assert outcome.phase == Phase.HEALTHY
    assert world.running(CHECKOUT) == {NEW}
    ours = [name for name in deploy.cluster.left if "production-checkout" in name]
    assert ours == [deploy._name(NEW), deploy.revision(NEW)]


async def test_a_rollout_that_ecs_gives_up_turns_the_release_back_with_ecs_s_reason(
    start, world, deploy
):
    before = deploy.revision(OLD)
    deploy.cluster.failing = {NEW}

    outcome = await (await start()).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "circuit breaker: tasks failed to start" in outcome.reason
    assert "no database named nosuch" in outcome.reason
    assert world.route(CHECKOUT).stable == OLD
    assert world.running(CHECKOUT) == {OLD}
    assert deploy.revision(OLD) == before
    assert not any(arm_name("checkout", NEW) in name for name in deploy.cluster.left)


async def test_a_failing_canary_goes_back_to_the_revision_that_ran(start, world, deploy):
    before = deploy.revision(OLD)
    world.metrics.error_ratio[CHECKOUT] = 0.4

    outcome = await (await start()).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert world.route(CHECKOUT).stable == OLD
    assert world.running(CHECKOUT) == {OLD}
    assert deploy.revision(OLD) == before


async def test_tasks_that_run_another_image_get_no_traffic(start, world, deploy):
    deploy.cluster.lies = {NEW: build_of("checkout", "v9")}

    outcome = await (await start()).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "runs other bytes than were promoted" in outcome.reason
    assert world.route(CHECKOUT).whole
    assert world.running(CHECKOUT) == {OLD}
