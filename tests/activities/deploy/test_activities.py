from datetime import timedelta

import pytest

from activities.connections import Connections
from activities.deploy import PLATFORMS
from activities.deploy.activities import DeployActivities
from activities.deploy.ecs import EcsPlatform
from activities.deploy.supervisor import SupervisorPlatform
from tests.fakes.deploy import FakeDeploy, FakePlatform
from workflows.domain.errors import (
    ArtifactMismatch,
    HandedOver,
    Refused,
    TargetMissing,
    Unavailable,
    VersionUnhealthy,
)
from workflows.domain.values import Artifact, Provider, Target, digest_of
from workflows.ports.deploy import (
    Deployment,
    EnsureHealthy,
    Health,
    InstallVersion,
    Instance,
    ObserveDeployment,
    RemoveVersion,
    VerifyRunning,
    WatchHealth,
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
WATCH = WatchHealth(
    target=TARGET,
    platform=PLATFORM,
    digest=BUILD.digest,
    every=timedelta(seconds=10),
    failures=3,
)
ENSURE = EnsureHealthy(
    target=TARGET, platform=PLATFORM, artifact=BUILD, store=STORE, release="release-1"
)
WELL, SICK, SILENT = None, "it does not answer as healthy", Unavailable("nobody answers")
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


class Checked(FakePlatform):
    """Each check in turn comes out as *checks* say; the last one goes on for ever."""

    def __init__(self, *checks, installs=WELL):
        super().__init__()
        self.checks = list(checks)
        self.installs = installs
        self.asked = 0

    def health_problem(self, service, digest):
        self.asked += 1
        found = self.checks.pop(0) if len(self.checks) > 1 else self.checks[0]
        if isinstance(found, Exception):
            raise found
        return found

    def install(self, artifact, fetch, beat, *, release=""):
        if isinstance(self.installs, Exception):
            raise self.installs
        return super().install(artifact, fetch, beat, release=release)


class Enough(Exception):
    """No test looks longer than this."""


class Waits:
    """A pace that notes how long it is asked to wait, and ends an endless watch."""

    def __init__(self, at_most=50):
        self.waits = []
        self._at_most = at_most

    def wait(self, seconds):
        self.waits.append(seconds)
        if len(self.waits) >= self._at_most:
            raise Enough


def deploy_on(platform, pace=None):
    pace = pace or Waits()
    return DeployActivities(
        lambda _: platform,
        fetch=lambda _store, _artifact: CONTENT,
        beat=lambda: None,
        pace=lambda: pace,
    )


def running(platform):
    platform.running[BUILD.service] = {
        BUILD.digest: Instance(version="v2", digest=BUILD.digest, endpoint="127.0.0.1:40001")
    }
    return platform


def test_so_many_failed_checks_in_a_row_end_a_watch():
    pace = Waits()
    platform = Checked(WELL, SICK)

    health = deploy_on(platform, pace).watch_health(WATCH)

    reason = f"3 failed health checks in a row, the last: {SICK}"
    assert health == Health(healthy=False, reason=reason)
    assert platform.asked == 4
    assert pace.waits == [10.0, 10.0, 10.0]


@pytest.mark.parametrize(
    "checks",
    [
        [WELL],
        [SICK, SICK, WELL] * 20,
        [SICK, SICK, SILENT] * 20,  # what a platform does not tell is no failure, nor a success
        [SILENT],
    ],
)
def test_a_health_that_flaps_or_is_unknown_ends_nothing(checks):
    with pytest.raises(Enough):
        deploy_on(Checked(*checks)).watch_health(WATCH)


def test_a_version_that_does_not_run_any_more_is_not_well():
    health = deploy_on(FakePlatform()).watch_health(WATCH)

    assert health.reason.endswith("the last: it does not run here")


def test_a_healthy_version_gets_its_traffic_back_without_being_touched():
    platform = running(Checked(WELL, installs=AssertionError("it runs")))

    assert deploy_on(platform).ensure_healthy(ENSURE) == Health(healthy=True)


def test_one_failed_check_does_not_stop_a_rollback():
    pace = Waits()
    platform = running(Checked(SICK, SICK, WELL))

    assert deploy_on(platform, pace).ensure_healthy(ENSURE).healthy
    assert pace.waits == [1.0, 1.0]


def test_a_version_that_is_gone_is_installed_again():
    platform = Checked(WELL)

    assert deploy_on(platform).ensure_healthy(ENSURE).healthy

    assert platform.observe("checkout").running(BUILD.digest) is not None
    assert platform.releases == {BUILD.digest: "release-1"}


def test_a_version_that_runs_and_is_not_well_is_left_alone_and_gets_no_traffic():
    """It may still serve most of the traffic: to start it anew is for people to decide."""
    platform = running(Checked(SICK, installs=AssertionError("it runs")))
    before = platform.observe("checkout")

    with pytest.raises(VersionUnhealthy, match=f"no traffic goes back to it: {SICK}"):
        deploy_on(platform).ensure_healthy(ENSURE)

    assert platform.observe("checkout") == before
    assert platform.asked == 3


@pytest.mark.parametrize(
    "platform",
    [
        running(Checked(SILENT)),
        running(Checked(SICK, SILENT)),
        Checked(WELL, installs=SILENT),
    ],
)
def test_a_platform_that_does_not_answer_keeps_no_traffic_on_a_bad_version(platform):
    health = deploy_on(platform).ensure_healthy(ENSURE)

    assert health == Health(healthy=False, known=False, reason="nobody answers")


def test_a_platform_that_cannot_tell_what_runs_is_unknown_too():
    platform = Checked(WELL)

    def silent(_service):
        raise SILENT

    platform.observe = silent

    assert not deploy_on(platform).ensure_healthy(ENSURE).known


def test_a_version_that_cannot_be_installed_again_stops_a_rollback():
    platform = Checked(WELL, installs=ArtifactMismatch("other bytes"))

    with pytest.raises(ArtifactMismatch):
        deploy_on(platform).ensure_healthy(ENSURE)


def test_a_worker_that_stops_hands_over_instead_of_calling_a_version_unknown():
    class Stops(Waits):
        def wait(self, seconds):
            raise HandedOver("this worker stops")

    with pytest.raises(HandedOver):
        deploy_on(Checked(WELL), Stops()).watch_health(WATCH)
    with pytest.raises(HandedOver):
        deploy_on(running(Checked(SICK)), Stops()).ensure_healthy(ENSURE)
