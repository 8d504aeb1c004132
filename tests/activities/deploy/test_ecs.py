"""What ECS does and no emulator shows: failed rollouts, refusals, other bytes, lost answers."""

import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from activities.deploy.ecs import GONE_WITHIN, STEADY_WITHIN, EcsPlatform
from infra.settings import Settings
from tests.contract.on_ecs import TEMPLATE, on_ecs, write_template
from tests.fakes.ecs import FakeEcs, Killed, Mortal
from workflows.domain.errors import (
    ArtifactMismatch,
    Refused,
    TargetMissing,
    Unavailable,
    VersionUnhealthy,
)
from workflows.domain.values import Artifact, arm_name, digest_of
from workflows.ports.base import limits_of
from workflows.ports.deploy import Deployment, DeployPort

GROUPS = ["arn:blue", "arn:green"]
AT_ONCE = timedelta(0)


def no_beat() -> None:
    """Nobody counts these heartbeats."""


def build(version: str = "v2", service: str = "checkout") -> Artifact:
    return Artifact(service=service, version=version, digest=digest_of(f"manifest of {version}"))


def install(platform: EcsPlatform, version: str = "v2", beat: Callable[[], object] = no_beat):
    manifest = f"manifest of {version}".encode()
    return platform.install(build(version), lambda: manifest, beat, release="release-7")


NEW = build()
NAME = arm_name("checkout", NEW.digest)


@pytest.fixture
def ecs() -> FakeEcs:
    return FakeEcs()


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return write_template(tmp_path / "ecs")


@pytest.fixture
def platform(ecs: FakeEcs, templates: Path) -> EcsPlatform:
    return on_ecs(ecs, templates)


def test_a_version_is_created_by_digest_under_the_circuit_breaker(ecs, platform):
    beats: list[None] = []

    instance = install(platform, beat=lambda: beats.append(None))

    service = ecs.services[NAME]
    (definition,) = ecs.definitions.values()
    (app,) = (c for c in definition["containerDefinitions"] if c["name"] == "app")
    assert instance.endpoint == f"{NAME}.shop.internal:8080"
    assert app["image"] == f"registry.internal/shop/checkout@{NEW.digest}"
    assert {e["name"] for e in app["environment"]} == {
        "PAYMENTS_URL",
        "LOCKGATE_VERSION",
        "LOCKGATE_DIGEST",
    }
    assert service.asked["deploymentConfiguration"]["deploymentCircuitBreaker"] == {
        "enable": True,
        "rollback": False,
    }
    assert {"key": "lockgate:release", "value": "release-7"} in service.asked["tags"]
    assert {"key": "lockgate:digest", "value": NEW.digest} in definition["_tags"]
    assert (service.running, len(beats) >= 3) == (2, True)


def test_a_tripped_circuit_breaker_is_told_with_its_reasons_and_leaves_nothing(ecs, platform):
    ecs.failing = {NEW.digest}

    with pytest.raises(VersionUnhealthy) as unhealthy:
        install(platform)

    told = str(unhealthy.value)
    assert "its rollout is FAILED: ECS deployment circuit breaker: tasks failed to start." in told
    assert "0 of 2 tasks run, 3 failed" in told
    assert "Essential container in task exited; app: no database named nosuch, exit code 1" in told
    assert f"(service {NAME}) deployment failed." in told
    assert ecs.left == []


def test_the_version_that_runs_is_not_touched_by_one_that_fails(ecs, platform):
    before = install(platform, "v1")
    ecs.failing = {NEW.digest}

    with pytest.raises(VersionUnhealthy):
        install(platform)

    assert platform.observe("checkout") == Deployment(instances=(before,))
    assert platform.verify(build("v1")) == before


def test_a_rollout_without_an_end_is_given_up_in_time(ecs, templates):
    ecs.stuck = {NEW.digest}

    with pytest.raises(VersionUnhealthy, match="not steady after 0:00:00: its rollout is IN_PROG"):
        install(on_ecs(ecs, templates, steady_within=AT_ONCE))

    assert ecs.left == []
    assert "update_service" not in ecs.calls


def test_a_failed_version_that_may_not_be_removed_is_told_as_still_there(ecs, platform):
    ecs.failing, ecs.denied = {NEW.digest}, {"delete_service"}

    with pytest.raises(VersionUnhealthy, match=r"(?s)given up by ECS.*still there.*DeleteService"):
        install(platform)


def test_a_service_that_is_not_told_of_at_once_is_created_once(ecs, templates):
    """ECS answers a second creation with the first, by its token."""
    seen = FakeEcs()
    install(on_ecs(seen, templates))
    creation = seen.calls.index("create_service")
    ecs.unseen = 2
    with pytest.raises(Killed):
        install(on_ecs(Mortal(ecs, dies_at=creation, heard=True), templates))

    install(on_ecs(ecs, templates))

    assert ecs.calls.count("create_service") == 2
    assert len(ecs.left) == 2


def test_what_a_killed_attempt_left_of_a_failure_is_not_held_against_the_next(ecs, platform):
    ecs.failing, ecs.denied = {NEW.digest}, {"delete_service"}
    with pytest.raises(VersionUnhealthy):
        install(platform)
    ecs.failing, ecs.denied = set(), set()

    install(platform)

    assert platform.verify(NEW).digest == NEW.digest


@pytest.mark.parametrize("call", ["create_service", "register_task_definition", "list_tasks"])
def test_a_missing_permission_is_refused_by_its_name_and_then_made_up_for(ecs, platform, call):
    ecs.denied = {call}
    with pytest.raises(Refused, match="AccessDeniedException: not authorized: ecs:"):
        install(platform)
    ecs.denied = set()

    install(platform)

    assert len(ecs.left) == 2
    platform.remove("checkout", NEW.digest, no_beat)
    assert ecs.left == []


@pytest.mark.parametrize("call", ["describe_services", "create_service", "describe_tasks"])
def test_throttling_is_asked_again_later(ecs, platform, call):
    ecs.throttled = {call}

    with pytest.raises(Unavailable, match="Rate exceeded"):
        install(platform)


def test_a_cluster_that_does_not_exist_is_missing(ecs, templates):
    with pytest.raises(TargetMissing, match="ecs nosuch: "):
        install(on_ecs(ecs, templates, cluster="nosuch"))


def test_going_back_to_a_version_that_was_scaled_down_uses_its_own_revision(
    ecs, templates, platform
):
    """The template may have changed since: what ran is what comes back."""
    before = install(platform, "v1")
    revisions = list(ecs.definitions)
    ecs.update_service(cluster="shop", service=arm_name("checkout", before.digest), desiredCount=0)
    larger = {**TEMPLATE["taskDefinition"], "cpu": "1024", "memory": "2048"}
    write_template(templates, taskDefinition=larger)

    assert install(platform, "v1") == before
    assert platform.verify(build("v1")) == before
    assert list(ecs.definitions) == revisions


def test_a_version_that_was_scaled_down_and_fails_now_is_given_up_by_ecs_too(ecs, platform):
    """Scaling alone is no rollout, and would not be watched by the circuit breaker."""
    install(platform)
    ecs.update_service(cluster="shop", service=NAME, desiredCount=0)
    ecs.failing = {NEW.digest}

    with pytest.raises(VersionUnhealthy, match="given up by ECS"):
        install(platform)

    assert ecs.left == []


def test_a_version_is_drained_before_it_is_deleted(ecs, platform):
    install(platform)
    ecs.calls.clear()

    remove(platform)

    changes = [call for call in ecs.calls if not call.startswith(("describe_", "list_"))]
    assert changes == ["update_service", "delete_service", "deregister_task_definition"]
    assert ecs.left == []


def test_a_service_that_somebody_gave_another_image_gets_its_revision_back(ecs, platform):
    install(platform)
    revision = ecs.services[NAME].rollout.definition
    repin(ecs, image="registry.internal/shop/checkout:v9")
    with pytest.raises(ArtifactMismatch, match="by-hand:1 names another image"):
        platform.verify(NEW)

    install(platform)

    assert ecs.services[NAME].rollout.definition == revision
    assert platform.verify(NEW).digest == NEW.digest


def test_tasks_that_run_another_image_than_was_promoted_are_a_mismatch(ecs, platform):
    install(platform)
    ecs.lies = {NEW.digest: digest_of("mine")}

    with pytest.raises(ArtifactMismatch, match=digest_of("mine")):
        platform.verify(NEW)


def test_tasks_that_do_not_tell_their_image_prove_nothing(ecs, platform):
    install(platform)
    ecs.lies = {NEW.digest: None}

    with pytest.raises(Unavailable, match="does not tell what image"):
        platform.verify(NEW)


def test_tasks_that_fail_their_health_checks_are_not_healthy(ecs, templates):
    platform = on_ecs(ecs, templates)
    install(platform)
    assert platform.health_problem("checkout", NEW.digest) is None
    ecs.sick = {NEW.digest}

    assert "2 of its tasks fail" in platform.health_problem("checkout", NEW.digest)
    with pytest.raises(VersionUnhealthy, match="runs, but 2 of its tasks fail"):
        platform.verify(NEW)


@pytest.mark.parametrize("begun", [True, False])
def test_a_version_that_never_was_healthy_is_removed_and_one_that_was_is_kept(
    ecs, templates, begun
):
    """The one that was may have traffic, and what goes back to it must not take it away."""
    if begun:
        install(on_ecs(ecs, templates))
    ecs.sick = {NEW.digest}

    with pytest.raises(VersionUnhealthy, match=r"2 of its tasks fail|IN_PROGRESS"):
        install(on_ecs(ecs, templates, steady_within=AT_ONCE))

    assert len(ecs.left) == (2 if begun else 0)


def test_fewer_tasks_than_wanted_are_not_healthy(ecs, platform):
    install(platform)
    ecs.services[NAME].running = 1

    assert platform.health_problem("checkout", NEW.digest) == "1 of 2 tasks run"


def test_a_service_of_somebody_else_is_neither_changed_nor_seen(ecs, templates):
    on_ecs(ecs, templates, connection="staging").install(NEW, lambda: b"manifest of v2", no_beat)
    platform = on_ecs(ecs, templates)
    before = list(ecs.left)

    for change in (
        lambda: install(platform),
        lambda: platform.remove("checkout", NEW.digest, no_beat),
        lambda: platform.verify(NEW),
    ):
        with pytest.raises(Refused, match=r"platforms\.production a prefix of its own"):
            change()

    assert platform.observe("checkout") == Deployment()
    assert ecs.left == before


def test_a_service_that_lost_its_tags_is_not_taken_for_a_version(ecs, platform):
    install(platform)
    tags = ecs.services[NAME].asked["tags"]
    tags[:] = [tag for tag in tags if tag["key"] != "lockgate:digest"]

    assert platform.observe("checkout") == Deployment()
    with pytest.raises(Refused, match="expected the tags"):
        platform.verify(NEW)


def test_platforms_share_a_cluster_by_their_prefixes(ecs, templates):
    staging = on_ecs(ecs, templates, connection="staging", prefix="staging-")
    production = on_ecs(ecs, templates)
    install(staging)
    kept = install(production)

    staging.remove("checkout", NEW.digest, no_beat)

    assert staging.observe("checkout") == Deployment()
    assert production.observe("checkout") == Deployment(instances=(kept,))


def test_a_version_that_still_ends_its_requests_is_waited_for(ecs, templates):
    platform = on_ecs(ecs, templates, gone_within=AT_ONCE)
    install(platform)
    ecs.lingering = True
    with pytest.raises(Unavailable, match="has 2 tasks that end their requests"):
        platform.remove("checkout", NEW.digest, no_beat)
    assert len(ecs.left) == 2
    ecs.lingering = False

    on_ecs(ecs, templates).remove("checkout", NEW.digest, no_beat)

    assert ecs.left == []


def test_a_name_is_used_again_only_when_the_service_before_is_gone(ecs, templates):
    platform = on_ecs(ecs, templates)
    install(platform)
    ecs.lingering = True
    ecs.delete_service(cluster="shop", service=NAME, force=True)
    with pytest.raises(Unavailable, match="is DRAINING"):
        install(on_ecs(ecs, templates, gone_within=AT_ONCE))
    ecs.lingering = False

    install(platform)

    assert platform.verify(NEW).digest == NEW.digest


def test_versions_that_run_at_a_time_have_target_groups_of_their_own(ecs, tmp_path):
    platform = on_ecs(ecs, write_template(tmp_path / "ecs", targetGroups=GROUPS))
    old, new = install(platform, "v1"), install(platform, "v2")

    assert platform.target_groups("checkout") == {old.digest: "arn:blue", new.digest: "arn:green"}
    assert ecs.services[NAME].asked["loadBalancers"] == [
        {"targetGroupArn": "arn:green", "containerName": "app", "containerPort": 8080}
    ]
    with pytest.raises(Refused, match="each of the 2 target groups"):
        install(platform, "v3")
    platform.remove("checkout", old.digest, no_beat)

    assert len(ecs.left) == 2
    newest = install(platform, "v3")
    assert platform.target_groups("checkout")[newest.digest] == "arn:blue"


def test_many_versions_are_read_page_by_page(ecs, platform):
    versions = [f"v{number}" for number in range(10, 23)]
    for version in versions:
        install(platform, version)

    assert [one.version for one in platform.observe("checkout").instances] == versions


def test_a_service_with_dots_in_its_name_has_one_that_ecs_takes(ecs, tmp_path):
    platform = on_ecs(ecs, write_template(tmp_path / "ecs", "checkout.api"))
    artifact = build("v2", "checkout.api")

    instance = platform.install(artifact, lambda: b"manifest of v2", no_beat)

    assert platform.observe("checkout.api") == Deployment(instances=(instance,))
    assert platform.observe("checkout") == Deployment()


def test_the_guide_s_template_and_settings_run_a_version(ecs, templates):
    """The fake takes only what AWS's own description of its calls allows."""
    page = (Path(__file__).parents[3] / "docs/how-to/run-on-ecs.md").read_text("utf-8")
    toml, template = re.findall(r"^```(?:toml|json)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (templates / "checkout.json").write_text(template)
    rest = {"vault": {"address": "a", "approles": "b"}, "ledger": {"url": "sqlite://"}}
    entry = Settings.model_validate(rest | tomllib.loads(toml)).platforms["production"]

    instance = install(on_ecs(ecs, templates, images=entry.images))

    assert instance.endpoint == f"{NAME}.shop.internal:8080"
    assert len(ecs.services[NAME].asked["loadBalancers"]) == 1
    assert ecs.services[NAME].running == 3


def test_an_attempt_has_time_for_all_that_it_may_wait_for():
    """Else the last wait would be cut off each time, and what it waits for never cleaned up."""
    installing = limits_of(DeployPort.install_version).attempt
    removing = limits_of(DeployPort.remove_version).attempt

    assert installing > GONE_WITHIN + STEADY_WITHIN + GONE_WITHIN
    assert removing > GONE_WITHIN


def repin(ecs: FakeEcs, *, image: str) -> None:
    revision = ecs.register_task_definition(
        family="by-hand", containerDefinitions=[{"name": "app", "image": image}]
    )
    arn = revision["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster="shop", service=NAME, taskDefinition=arn)


def remove(platform: EcsPlatform) -> None:
    platform.remove("checkout", NEW.digest, no_beat)


def nothing(_ecs: FakeEcs, _platform: EcsPlatform) -> None:
    """The cluster is empty."""


def installed(_ecs: FakeEcs, platform: EcsPlatform) -> None:
    install(platform)


def scaled_down(ecs: FakeEcs, platform: EcsPlatform) -> None:
    install(platform)
    ecs.update_service(cluster="shop", service=NAME, desiredCount=0)


def altered(ecs: FakeEcs, platform: EcsPlatform) -> None:
    install(platform)
    repin(ecs, image="registry.internal/shop/checkout:v9")


def failing(ecs: FakeEcs, _platform: EcsPlatform) -> None:
    ecs.failing = {NEW.digest}


def calls_of(before: Callable[..., None], act: Callable[[EcsPlatform], Any]) -> int:
    """How many calls *act* makes of ECS when nobody is killed."""
    with TemporaryDirectory() as folder:
        templates = write_template(Path(folder))
        ecs = FakeEcs()
        before(ecs, on_ecs(ecs, templates))
        counted = Mortal(ecs, dies_at=-1, heard=False)
        try:
            act(on_ecs(counted, templates))
        except VersionUnhealthy:
            assert before is failing
        return counted.made


BEGUN = {
    "install": (nothing, install),
    "install what was scaled down": (scaled_down, install),
    "install what was altered": (altered, install),
    "install what fails": (failing, install),
    "remove": (installed, remove),
}
DEATHS = [
    pytest.param(begun, number, heard, id=f"{name}, call {number}, {'' if heard else 'un'}heard")
    for name, begun in BEGUN.items()
    for number in range(calls_of(*begun))
    for heard in (False, True)
]


@pytest.mark.parametrize(("begun", "number", "heard"), DEATHS)
def test_what_a_worker_killed_at_any_call_began_is_finished_by_the_next(
    ecs, templates, begun, number, heard
):
    """Each call in turn is the last: not made, or made and its answer lost."""
    before, act = begun
    platform = on_ecs(ecs, templates)
    before(ecs, platform)
    with pytest.raises(Killed):
        act(on_ecs(Mortal(ecs, dies_at=number, heard=heard), templates))

    if before is failing:
        with pytest.raises(VersionUnhealthy):
            act(platform)
    else:
        act(platform)

    ours = [each for each in ecs.left if "by-hand" not in each]
    if act is install and before is not failing:
        assert len(ours) == 2
        assert platform.verify(NEW) == platform.observe("checkout").instances[0]
        remove(platform)
    assert [each for each in ecs.left if "by-hand" not in each] == []
