import pytest

from activities.connections import Connections
from activities.deploy import PLATFORMS
from activities.deploy.activities import DeployActivities
from activities.deploy.ecs import EcsPlatform
from activities.deploy.supervisor import SupervisorPlatform
from tests.fakes.deploy import FakeDeploy, FakePlatform
from workflows.domain.errors import (
    ArtifactMismatch,
    Refused,
    TargetMissing,
    Unavailable,
    VersionUnhealthy,
)
from workflows.domain.values import Artifact, Provider, Target, digest_of
from workflows.ports.deploy import (
    CheckHealth,
    Deployment,
    Health,
    InstallVersion,
    ObserveDeployment,
    RemoveVersion,
    VerifyRunning,
)

CONTENT = b"checkout v2"
BUILD = Artifact(service="checkout", version="v2", digest=digest_of(CONTENT))
TARGET = Target(service="checkout", environment="production")
PLATFORM = Provider(type="fake", connection="production")
STORE = Provider(type="s3", connection="production")

INSTALL = InstallVersion(
    target=TARGET, platform=PLATFORM, artifact=BUILD, store=STORE, release="release-1"
)
OBSERVE = ObserveDeployment(target=TARGET, platform=PLATFORM)
REMOVE = RemoveVersion(target=TARGET, platform=PLATFORM, digest=BUILD.digest)
CHECK = CheckHealth(target=TARGET, platform=PLATFORM, digest=BUILD.digest)
VERIFY = VerifyRunning(target=TARGET, platform=PLATFORM, artifact=BUILD)


def test_a_version_is_fetched_from_the_store_that_was_asked_for():
    fetched: list[tuple[Provider, Artifact]] = []
    beats: list[None] = []

    def fetch(store: Provider, artifact: Artifact) -> bytes:
        fetched.append((store, artifact))
        return CONTENT

    platform = FakePlatform(hashes=True)
    deploy = DeployActivities(lambda _: platform, fetch=fetch, beat=lambda: beats.append(None))

    instance = deploy.install_version(INSTALL)

    assert fetched == [(STORE, BUILD)]
    assert beats == [None]
    assert platform.releases == {BUILD.digest: "release-1"}
    assert deploy.observe_deployment(OBSERVE) == Deployment(instances=(instance,))
    assert deploy.verify_running(VERIFY) == instance
    assert deploy.remove_version(REMOVE) == Deployment()
    assert beats == [None, None]


def test_an_unknown_platform_is_missing():
    deploy = DeployActivities(Connections("platform", {}), fetch=lambda _store, _artifact: b"")

    with pytest.raises(TargetMissing, match="platform fake/production"):
        deploy.observe_deployment(OBSERVE)


def test_the_table_names_the_adapters():
    assert {"ecs": EcsPlatform, "supervisor": SupervisorPlatform} == PLATFORMS


def test_the_fake_fails_as_it_is_told():
    fake = FakeDeploy()
    fake.unavailable = 1
    with pytest.raises(Unavailable):
        fake.install_version(INSTALL)
    instance = fake.install_version(INSTALL)
    fake.stuck.add(TARGET)
    with pytest.raises(Refused):
        fake.remove_version(REMOVE)
    fake.tampered.add(BUILD.digest)
    with pytest.raises(ArtifactMismatch):
        fake.verify_running(VERIFY)
    fake.unhealthy.add(BUILD.digest)
    with pytest.raises(VersionUnhealthy):
        fake.verify_running(VERIFY)

    assert fake.deployment(TARGET).running(BUILD.digest) == instance


def test_the_health_of_a_version_is_told_with_the_reason_it_is_not_well():
    deploy = FakeDeploy()
    assert deploy.check_health(CHECK) == Health(healthy=False, reason="it does not run here")

    deploy.put(TARGET, BUILD)
    assert deploy.check_health(CHECK) == Health(healthy=True)
    deploy.unhealthy.add(BUILD.digest)

    assert deploy.check_health(CHECK).reason == "it does not answer as healthy"
