"""What the platform keeps and publishes of a version, with supervisord and versions as words."""

import io
import json
import zipfile
from datetime import timedelta

import httpx
import pytest

from activities.deploy.supervisor import SupervisorPlatform
from tests.activities.deploy.wire_supervisord import answering_supervisord
from workflows.domain.errors import ArtifactMismatch, Refused, Unavailable, VersionUnhealthy
from workflows.domain.values import Artifact, arm_name, digest_of


def build(version="v1"):
    manifest = {"service": "checkout", "version": version, "healthPath": "/healthz"}
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        said = json.dumps({**manifest, "command": ["python", "service.py"]})
        archive.writestr(zipfile.ZipInfo("bundle.json"), said)
        archive.writestr(zipfile.ZipInfo("service.py"), "serve()")
    content = raw.getvalue()
    return Artifact(service="checkout", version=version, digest=digest_of(content)), content


V1, CONTENT = build()
ARM = arm_name(V1.service, V1.digest)
PROGRAM = f"production-{ARM}"


class Version:
    """What answers behind every port: *sickness* answers come before the healthy ones."""

    def __init__(self):
        self.sickness = 0
        self.says = "v1"

    def __call__(self, request):
        if self.sickness:
            self.sickness -= 1
            return httpx.Response(503)
        return httpx.Response(200, json={"version": self.says})


@pytest.fixture
def wire():
    with answering_supervisord() as answering:
        yield answering


@pytest.fixture
def version():
    return Version()


@pytest.fixture
def work_dir(tmp_path):
    return tmp_path / "production"


@pytest.fixture
def platform(wire, version, work_dir):
    return SupervisorPlatform(
        connection="production",
        control=wire.control,
        include_dir=wire.include_dir,
        work_dir=work_dir,
        environ={"SHOP_DATABASE": "shop", "PORT": "80"},
        client=httpx.Client(transport=httpx.MockTransport(version)),
        healthy_within=timedelta(seconds=20),
    )


def install(platform, beat=lambda: None):
    return platform.install(V1, lambda: CONTENT, beat)


def left_of(work_dir):
    return {
        path.relative_to(work_dir).parts[0]
        for path in work_dir.rglob("*")
        if path.is_file() and ARM in str(path)
    }


def test_a_version_is_started_under_its_connection_and_published_with_its_port(
    platform, wire, work_dir
):
    instance = install(platform)

    published = json.loads((work_dir / "instances" / f"{ARM}.json").read_text())
    assert published == {"service": "checkout", **instance.model_dump()}
    assert wire.states == {PROGRAM: "RUNNING"}
    assert platform.observe("checkout").instances == (instance,)
    assert platform.verify(V1) == instance


def test_a_version_is_published_for_a_prometheus_with_the_labels_that_tell_it_apart(
    platform, work_dir
):
    instance = install(platform)

    (scraped,) = json.loads((work_dir / "targets" / f"{ARM}.json").read_text())
    labels = {"environment": "production", "service": "checkout", "arm": ARM, "version": "v1"}
    assert scraped == {"targets": [instance.endpoint], "labels": labels}


def test_a_process_is_told_its_own_port_whatever_the_settings_say(platform, wire):
    instance = install(platform)

    program = (wire.include_dir / f"{PROGRAM}.conf").read_text()
    port = instance.endpoint.rpartition(":")[2]
    assert f'PORT="{port}"' in program
    assert 'SHOP_DATABASE="shop"' in program
    assert 'LOCKGATE_VERSION="v1"' in program


def test_a_version_is_not_published_before_it_is_healthy(platform, version, work_dir):
    version.sickness = 2
    published = []

    install(platform, lambda: published.append(any((work_dir / "instances").iterdir())))

    assert published == [False, False]


def test_an_attempt_that_comes_after_another_fetches_and_starts_nothing(platform, wire):
    first = install(platform)
    asked = len(wire.asked)

    def never():
        pytest.fail("the bytes were fetched again")

    assert platform.install(V1, never, lambda: None) == first
    assert set(wire.asked[asked:]) == {"getAllProcessInfo"}


def test_a_version_that_another_one_altered_is_installed_anew(platform, work_dir):
    install(platform)
    code = work_dir / "versions" / ARM / "service.py"
    code.chmod(0o600)
    code.write_text("evil()")
    with pytest.raises(ArtifactMismatch, match=r"service\.py was changed"):
        platform.verify(V1)

    install(platform)

    assert code.read_text() == "serve()"


def test_a_version_that_exits_is_told_at_once_with_what_it_printed(
    platform, wire, version, work_dir
):
    version.sickness, wire.comes_up = 1000, "FATAL"

    def print_last(*_):
        (work_dir / "logs" / f"{ARM}.log").write_text("".join(f"line {n}\n" for n in range(50)))

    with pytest.raises(VersionUnhealthy, match=r"checkout v1 exited \(FATAL\)") as unhealthy:
        install(platform, print_last)

    said = str(unhealthy.value)
    assert said.splitlines()[1:] == [f"line {n}" for n in range(30, 50)]
    assert left_of(work_dir) == {"logs", "locks"}
    assert wire.states == {}


def test_a_version_that_exits_without_a_word_says_so(platform, wire, version):
    version.sickness, wire.comes_up = 1000, "BACKOFF"

    with pytest.raises(VersionUnhealthy, match=r"exited \(BACKOFF\); it printed nothing"):
        install(platform)


def test_a_version_that_stays_unhealthy_is_given_up_and_removed(platform, wire, version):
    version.says = "v0"
    platform._healthy_within = timedelta(0)

    with pytest.raises(VersionUnhealthy, match=r"is not healthy after 0:00:00: .*'version': 'v0'"):
        install(platform)

    assert wire.states == {}
    assert platform.observe("checkout").instances == ()


def test_other_bytes_than_the_digest_s_reach_neither_disk_nor_supervisord(
    platform, wire, work_dir
):
    with pytest.raises(ArtifactMismatch):
        platform.install(V1, lambda: b"evil", lambda: None)

    assert left_of(work_dir) == {"locks"}
    assert "reloadConfig" not in wire.asked


def test_a_removal_leaves_only_the_log_and_may_be_repeated(platform, wire, work_dir):
    install(platform)
    (work_dir / "logs" / f"{ARM}.log").write_text("it served well\n")

    platform.remove("checkout", V1.digest, lambda: None)
    platform.remove("checkout", V1.digest, lambda: None)

    assert left_of(work_dir) == {"logs", "locks"}
    assert list(wire.include_dir.iterdir()) == []
    assert wire.states == {}


def test_only_what_runs_of_the_service_is_observed(platform, wire, work_dir):
    install(platform)
    (work_dir / "records" / "checkout-torn.json").write_text("{")

    assert platform.observe("payments").instances == ()
    assert len(platform.observe("checkout").instances) == 1
    wire.states[PROGRAM] = "STOPPED"
    assert platform.observe("checkout").instances == ()


def test_a_version_that_does_not_run_is_named_with_its_state(platform, wire):
    with pytest.raises(VersionUnhealthy, match="does not run here: never installed"):
        platform.verify(V1)

    install(platform)
    wire.states[PROGRAM] = "BACKOFF"
    with pytest.raises(VersionUnhealthy, match="does not run here: BACKOFF"):
        platform.verify(V1)


def test_a_version_that_runs_and_is_sick_is_not_verified(platform, version):
    install(platform)
    version.sickness = 1

    with pytest.raises(VersionUnhealthy, match=r"runs, but .* answers 503"):
        platform.verify(V1)


@pytest.mark.parametrize(
    ("content", "said"), [(None, "is missing"), (build("v2")[1], "found bytes of")]
)
def test_without_the_bundle_it_came_from_a_version_proves_nothing(
    platform, work_dir, content, said
):
    install(platform)
    kept = work_dir / "bundles" / f"{ARM}.zip"
    kept.unlink()
    if content is not None:
        kept.write_bytes(content)

    with pytest.raises(ArtifactMismatch, match=said):
        platform.verify(V1)


def test_a_program_that_supervisord_does_not_find_is_refused(platform, wire, tmp_path):
    platform._include_dir = tmp_path

    with pytest.raises(Refused, match="BAD_NAME"):
        install(platform)


def test_a_supervisord_that_is_away_publishes_nothing_and_is_asked_again(platform, wire, work_dir):
    wire.faults["getAllProcessInfo"] = (6, "SHUTDOWN_STATE")
    with pytest.raises(Unavailable):
        install(platform)
    assert not (work_dir / "instances" / f"{ARM}.json").exists()

    del wire.faults["getAllProcessInfo"]
    assert install(platform).digest == V1.digest
