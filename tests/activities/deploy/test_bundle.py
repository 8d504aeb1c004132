import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from activities.deploy import bundle as module
from activities.deploy.bundle import Bundle, forget
from workflows.domain.errors import ArtifactMismatch, Refused
from workflows.domain.values import Artifact, digest_of

MANIFEST = {
    "service": "checkout",
    "version": "v1",
    "command": ["python", "service.py"],
    "healthPath": "/healthz",
}


def zipped(*entries: tuple[str | zipfile.ZipInfo, str]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return raw.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def opened(*entries: tuple[str | zipfile.ZipInfo, str], manifest: object = MANIFEST) -> Bundle:
    content = zipped(("bundle.json", json.dumps(manifest)), *entries)
    artifact = Artifact(service="checkout", version="v1", digest=digest_of(content))
    return Bundle(artifact, content)


def test_a_bundle_is_unpacked_whole_and_without_a_difference(tmp_path):
    bundle = opened(("service.py", "pass"), ("deep/data.txt", "1"))
    folder = tmp_path / "versions" / "checkout-1"

    bundle.unpack(folder)

    assert (folder / "deep" / "data.txt").read_text() == "1"
    assert [path.name for path in folder.parent.iterdir()] == ["checkout-1"]
    assert bundle.difference(folder) is None
    assert bundle.manifest.command == ("python", "service.py")


def rewrite(folder: Path) -> None:
    file = folder / "service.py"
    file.chmod(0o600)
    file.write_text("import os")


def turn_into_link(folder: Path) -> None:
    file = folder / "service.py"
    file.rename(folder.parent / "elsewhere.py")
    file.symlink_to(folder.parent / "elsewhere.py")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (rewrite, r"service\.py was changed"),
        (turn_into_link, r"service\.py was changed"),
        (lambda folder: (folder / "service.py").unlink(), r"service\.py is missing"),
        (lambda folder: (folder / "json.py").write_text(""), r"json\.py was added"),
    ],
    ids=["changed", "linked", "missing", "added"],
)
def test_every_difference_names_its_file(tmp_path, change: Callable[[Path], None], what):
    bundle = opened(("service.py", "pass"))
    folder = tmp_path / "checkout-1"
    bundle.unpack(folder)

    change(folder)

    assert bundle.difference(folder) is not None
    with pytest.raises(AssertionError, match=what):
        raise AssertionError(bundle.difference(folder))


@pytest.mark.parametrize(
    "name",
    [
        "../out.py",
        "/etc/cron.d/x",
        "a/../../x",
        "a//b",
        "./a",
        "c:\\x",
        "a\\..\\x",
        link("service.py"),
    ],
    ids=str,
)
def test_a_file_that_would_lie_outside_or_is_a_link_is_refused(name):
    with pytest.raises(Refused, match="is a link or lies outside"):
        opened((name, "evil"))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_files_of_one_name_are_refused():
    with pytest.raises(Refused, match="two files of one name"):
        opened(("service.py", "good"), ("service.py", "evil"))


@pytest.mark.parametrize(("limit", "value"), [("_MOST_FILES", 1), ("_MOST_BYTES", 10)])
def test_a_bundle_that_is_too_large_is_refused(monkeypatch, limit, value):
    monkeypatch.setattr(module, limit, value)

    with pytest.raises(Refused, match="at most"):
        opened(("service.py", "pass"))


@pytest.mark.parametrize(
    ("manifest", "error", "reason"),
    [
        ({**MANIFEST, "version": "v2"}, ArtifactMismatch, "says that it is checkout v2"),
        ({**MANIFEST, "command": []}, Refused, "command"),
        ({**MANIFEST, "healthPath": "healthz"}, Refused, "healthPath"),
        ({**MANIFEST, "typo": 1}, Refused, "typo"),
        ([], Refused, r"bundle\.json"),
    ],
)
def test_a_manifest_that_does_not_fit_says_why(manifest, error, reason):
    with pytest.raises(error, match=reason):
        opened(manifest=manifest)


def test_other_bytes_are_not_even_opened():
    artifact = Artifact(service="checkout", version="v1", digest=digest_of("other"))

    with pytest.raises(ArtifactMismatch, match="expected sha256:"):
        Bundle(artifact, b"no zip at all")


@pytest.mark.parametrize(("content", "reason"), [(b"no zip", "not a zip"), (zipped(), "has no")])
def test_what_is_no_bundle_is_refused(content, reason):
    artifact = Artifact(service="checkout", version="v1", digest=digest_of(content))

    with pytest.raises(Refused, match=reason):
        Bundle(artifact, content)


def test_forgetting_takes_what_an_interrupted_unpacking_left(tmp_path):
    for name in ("checkout-1", ".checkout-1.abc", "checkout-2"):
        (tmp_path / name).mkdir()

    forget(tmp_path / "checkout-1")
    forget(tmp_path / "checkout-1")

    assert [path.name for path in tmp_path.iterdir()] == ["checkout-2"]
