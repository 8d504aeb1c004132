"""One suite for the fake, supervisord and ECS; then what only a real supervisord can show."""

import itertools
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from activities.deploy import supervisor
from activities.deploy.ecs import EcsPlatform
from activities.traffic.envoy_config import Published
from tests.contract.emulators import client
from tests.contract.on_ecs import Resolving, on_ecs, write_template
from tests.contract.supervised import Yard, build
from tests.fakes.deploy import FakePlatform
from tests.fakes.ecs import FakeEcs
from tests.loopback import eventually
from workflows.domain.errors import ArtifactMismatch, Refused, Unavailable, VersionUnhealthy
from workflows.domain.values import arm_name
from workflows.ports.deploy import Deployment

_CONNECTIONS = (f"test{number}" for number in itertools.count())


class Killed(BaseException):
    """The worker dies here: nothing catches it, as nothing catches kill -9."""


def no_beat() -> None:
    """Nobody counts these heartbeats."""


def never_fetched() -> bytes:
    raise AssertionError("the bytes were fetched again")


@pytest.fixture(scope="module")
def yard() -> Iterator[Yard]:
    with tempfile.TemporaryDirectory(prefix="yard-") as folder:
        yard = Yard(Path(folder))
        yard.start()
        try:
            yield yard
        finally:
            yard.stop()
            yard.client.close()


@pytest.fixture
def connection() -> str:
    return next(_CONNECTIONS)


@pytest.fixture
def fake() -> FakePlatform:
    fake = FakePlatform(hashes=True)
    fake.unhealthy = {build("v3", "crash")[0].digest}
    return fake


@pytest.fixture
def supervisor_platform(yard: Yard, connection: str):
    return yard.platform(connection)


@pytest.fixture
def ecs(tmp_path: Path):
    """On our fake, whose rollouts do fail."""
    cluster = FakeEcs()
    cluster.failing = {build("v3", "crash")[0].digest}
    return on_ecs(cluster, write_template(tmp_path / "ecs"))


@pytest.fixture
def ecs_of_ministack(ministack: str, connection: str, tmp_path: Path):
    """On the emulator, where every rollout is COMPLETED at once."""
    with closing(client("ecs", ministack)) as asked:
        asked.create_cluster(clusterName=connection)
        templates = write_template(tmp_path / "ecs")
        yield on_ecs(Resolving(asked), templates, cluster=connection)


FAIL_VERSIONS = ["fake", "supervisor_platform", "ecs"]


@pytest.fixture(params=[*FAIL_VERSIONS, "ecs_of_ministack"])
def platform(request: pytest.FixtureRequest):
    return request.getfixturevalue(request.param)


def install(platform, version="v1", behaviour="well", **more):
    artifact, content = build(version, behaviour, **more)
    return artifact, platform.install(artifact, lambda: content, no_beat)


def tamper(request: pytest.FixtureRequest, platform, artifact) -> None:
    """Make it run other bytes behind the platform's back."""
    if isinstance(platform, FakePlatform):
        platform.tampered = {artifact.digest}
        return
    if isinstance(platform, EcsPlatform):
        repin(platform, artifact)
        return
    work = request.getfixturevalue("yard").folder / request.getfixturevalue("connection")
    file = work / "versions" / arm_name("checkout", artifact.digest) / "service.py"
    file.chmod(0o600)
    file.write_text("print('mine')")


def repin(platform: EcsPlatform, artifact) -> None:
    """As an operator would who is in a hurry: another image, by its tag."""
    ecs = platform._cluster._client()
    cluster = platform._cluster._cluster
    revision = ecs.register_task_definition(
        family="by-hand",
        containerDefinitions=[{"name": "app", "image": "registry.internal/shop/checkout:v9"}],
    )
    ecs.update_service(
        cluster=cluster,
        service=arm_name("checkout", artifact.digest),
        taskDefinition=revision["taskDefinition"]["taskDefinitionArn"],
    )


def left_of(yard: Yard, connection: str) -> list[str]:
    """Files that a version leaves in the folders of a platform, and programs that still run."""
    work = yard.folder / connection
    kinds = ("versions", "bundles", "records", "instances")
    files = [path.name for kind in kinds for path in (work / kind).iterdir()]
    files += [path.name for path in yard.include_dir.glob(f"{connection}-*")]
    return files + [
        name for name in yard.supervisord.states() if name.startswith(connection + "-")
    ]


def test_an_installed_version_runs_and_is_what_was_promoted(platform):
    artifact, instance = install(platform)

    assert (instance.version, instance.digest) == ("v1", artifact.digest)
    assert platform.observe("checkout") == Deployment(instances=(instance,))
    assert platform.verify(artifact) == instance


def test_a_healthy_version_is_left_alone(platform):
    artifact, instance = install(platform)

    assert platform.install(artifact, never_fetched, no_beat) == instance


def test_versions_run_beside_each_other_and_are_removed_one_by_one(platform):
    old, before = install(platform)
    _, after = install(platform, "v2")

    assert platform.observe("checkout").instances == (before, after)
    assert before.endpoint != after.endpoint
    platform.remove("checkout", old.digest, no_beat)
    platform.remove("checkout", old.digest, no_beat)

    assert platform.observe("checkout").instances == (after,)


def test_other_services_are_not_observed(platform):
    install(platform)

    assert platform.observe("payments") == Deployment()


@pytest.mark.parametrize("kind", FAIL_VERSIONS)
def test_a_sick_version_is_removed_again(kind, request):
    platform = request.getfixturevalue(kind)

    with pytest.raises(VersionUnhealthy):
        install(platform, "v3", "crash")

    assert platform.observe("checkout") == Deployment()


def test_other_bytes_than_the_digest_s_are_never_run(platform):
    artifact, _ = build("v1")
    _, other = build("v2")

    with pytest.raises(ArtifactMismatch):
        platform.install(artifact, lambda: other, no_beat)

    assert platform.observe("checkout") == Deployment()


def test_other_bytes_than_were_promoted_are_noticed(platform, request):
    artifact, _ = install(platform)
    tamper(request, platform, artifact)

    with pytest.raises(
        ArtifactMismatch, match=r"service\.py was changed|by-hand:\d+ names another image"
    ):
        platform.verify(artifact)


def test_a_version_that_runs_is_healthy_and_one_that_does_not_is_not(platform):
    artifact, _ = install(platform)

    assert platform.health_problem("checkout", artifact.digest) is None
    platform.remove("checkout", artifact.digest, no_beat)

    assert "does not run here" in platform.health_problem("checkout", artifact.digest)


def test_a_version_that_was_never_installed_does_not_run(platform):
    with pytest.raises(VersionUnhealthy):
        platform.verify(build("v1")[0])


@pytest.mark.parametrize("kind", ["ecs", "ecs_of_ministack"])
def test_going_back_on_ecs_rolls_out_the_revision_that_ran(kind, request, tmp_path):
    """What its template says today is how new versions run."""
    platform = request.getfixturevalue(kind)
    artifact, instance = install(platform)
    before = platform._cluster.service(arm_name("checkout", artifact.digest))
    platform._cluster.scale_to_zero(before.name)
    eventually(lambda: platform.observe("checkout") == Deployment())
    write_template(tmp_path / "ecs", endpoint="elsewhere.internal:1")

    assert install(platform) == (artifact, instance)
    assert platform.verify(artifact) == instance
    assert platform._cluster.service(before.name).revision == before.revision


def test_a_version_that_exits_fails_at_once_with_its_last_words(yard, connection):
    platform = yard.platform(connection, healthy_within=timedelta(minutes=5))
    began = time.monotonic()

    with pytest.raises(VersionUnhealthy, match=r"(?s)exited .*no database named nosuch"):
        install(platform, "v3", "crash")

    assert time.monotonic() - began < 30
    assert left_of(yard, connection) == []


@pytest.mark.parametrize(
    ("behaviour", "says", "reason"),
    [("sick", None, "answers 503, expected 200"), ("well", "v9", "answers as .*v9")],
)
def test_a_version_that_stays_unhealthy_is_removed(yard, connection, behaviour, says, reason):
    platform = yard.platform(connection, healthy_within=timedelta(seconds=1))
    beats: list[None] = []
    artifact, content = build("v3", behaviour, says=says)

    with pytest.raises(VersionUnhealthy, match=reason):
        platform.install(artifact, lambda: content, lambda: beats.append(None))

    assert len(beats) >= 2
    assert left_of(yard, connection) == []


def test_a_process_is_told_its_port_its_version_and_the_settings(yard, connection):
    environ = {"PAYMENTS_URL": "http://127.0.0.1:1/a%20b,c", "EMPTY": ""}
    platform = yard.platform(connection, environ=environ)

    artifact, instance = install(platform)

    told = yard.client.get(f"http://{instance.endpoint}/").json()["environ"]
    assert told["PAYMENTS_URL"] == environ["PAYMENTS_URL"]
    assert told["EMPTY"] == ""
    assert (told["LOCKGATE_VERSION"], told["LOCKGATE_DIGEST"]) == ("v1", artifact.digest)
    assert instance.endpoint == f"127.0.0.1:{told['PORT']}"


def test_only_a_healthy_version_is_published_for_routers(yard, connection, supervisor_platform):
    artifact, instance = install(supervisor_platform)
    published = yard.folder / connection / "instances"
    (file,) = published.iterdir()

    assert file.name == f"{arm_name('checkout', artifact.digest)}.json"
    assert Published.model_validate_json(file.read_bytes()) == Published(
        service="checkout", **instance.model_dump()
    )
    supervisor_platform.remove("checkout", artifact.digest, no_beat)

    assert list(published.iterdir()) == []
    assert left_of(yard, connection) == []


@pytest.mark.parametrize("step", range(8))
def test_an_install_killed_at_any_line_is_finished_by_the_next(
    yard, connection, supervisor_platform, monkeypatch, step
):
    """Killed before or after each of the four files is put in its place."""
    kill_at(monkeypatch, "replace_file", step)
    artifact, content = build("v1")
    with pytest.raises(Killed):
        supervisor_platform.install(artifact, lambda: content, no_beat)
    monkeypatch.undo()

    instance = yard.platform(connection).install(artifact, lambda: content, no_beat)

    assert supervisor_platform.verify(artifact) == instance
    assert supervisor_platform.observe("checkout") == Deployment(instances=(instance,))
    supervisor_platform.remove("checkout", artifact.digest, no_beat)
    assert left_of(yard, connection) == []


@pytest.mark.parametrize("step", range(2))
def test_a_removal_killed_at_any_line_is_finished_by_the_next(
    yard, connection, supervisor_platform, monkeypatch, step
):
    artifact, _ = install(supervisor_platform)
    kill_at(monkeypatch, "forget", step)
    with pytest.raises(Killed):
        supervisor_platform.remove("checkout", artifact.digest, no_beat)
    monkeypatch.undo()

    yard.platform(connection).remove("checkout", artifact.digest, no_beat)

    assert left_of(yard, connection) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [(Path.unlink, "is missing"), (lambda file: file.write_bytes(b""), "found")],
)
def test_a_kept_bundle_that_is_not_the_artifact_proves_nothing(
    yard, connection, supervisor_platform, change, what
):
    artifact, _ = install(supervisor_platform)
    (kept,) = (yard.folder / connection / "bundles").iterdir()
    change(kept)

    with pytest.raises(ArtifactMismatch, match=what):
        supervisor_platform.verify(artifact)


def test_a_version_that_runs_but_is_no_longer_healthy_is_not_verified(
    yard, connection, supervisor_platform
):
    artifact, _ = install(supervisor_platform)
    (record,) = (yard.folder / connection / "records").iterdir()
    record.write_text(record.read_text().replace('"/healthz"', '"/"').replace("v1", "v7"))

    with pytest.raises(VersionUnhealthy, match="runs, but"):
        supervisor_platform.verify(artifact)
    assert "answers as" in supervisor_platform.health_problem("checkout", artifact.digest)


def test_half_unpacked_files_are_swept_away(yard, connection, supervisor_platform):
    artifact, content = build("v1")
    half = yard.folder / connection / "versions" / f".{arm_name('checkout', artifact.digest)}.x"
    half.mkdir(parents=True)
    (half / "service.py").write_text("half")

    supervisor_platform.install(artifact, lambda: content, no_beat)

    assert not half.exists()


def test_a_process_that_dies_is_started_again_on_its_port(yard, supervisor_platform):
    artifact, instance = install(supervisor_platform)
    parent = psutil.Process(yard.process.pid)
    port = int(instance.endpoint.rpartition(":")[2])
    (child,) = [c for c in parent.children() if port in listening(c)]

    os.kill(child.pid, signal.SIGKILL)

    eventually(lambda: child.pid not in {c.pid for c in parent.children()})
    eventually(lambda: verified(supervisor_platform, artifact))


def test_a_supervisord_that_is_away_can_be_asked_later(tmp_path):
    with tempfile.TemporaryDirectory(prefix="yard-") as folder:
        yard = Yard(Path(folder))
        platform = yard.platform()
        try:
            with pytest.raises(Unavailable, match="no answer"):
                install(platform)
            yard.start()
            artifact, instance = install(platform)
            yard.stop()
            with pytest.raises(Unavailable, match="no answer"):
                platform.observe("checkout")

            yard.start()

            eventually(lambda: verified(platform, artifact))
            assert platform.observe("checkout").instances == (instance,)
        finally:
            yard.stop()
            yard.client.close()


def test_a_program_file_that_supervisord_does_not_include_is_refused(yard, connection, tmp_path):
    platform = yard.platform(connection, include_dir=tmp_path)

    with pytest.raises(Refused, match="BAD_NAME"):
        install(platform)


def kill_at(monkeypatch: pytest.MonkeyPatch, name: str, step: int) -> None:
    """Die before (even *step*) or after (odd) the step // 2 + 1st call of a function."""
    real_call: Callable[..., None] = getattr(supervisor, name)
    calls = itertools.count()

    def call(*args, **more) -> None:
        number = next(calls)
        if number == step // 2 and step % 2 == 0:
            raise Killed
        real_call(*args, **more)
        if number == step // 2:
            raise Killed

    monkeypatch.setattr(supervisor, name, call)


def verified(platform, artifact) -> bool:
    try:
        platform.verify(artifact)
    except VersionUnhealthy:
        return False
    return True


def listening(process: psutil.Process) -> set[int]:
    return {link.laddr.port for link in process.net_connections() if link.status == "LISTEN"}
