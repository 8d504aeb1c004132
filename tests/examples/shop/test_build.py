import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from examples.shop import build as building
from examples.shop.build import build, build_all, digests
from examples.shop.services.shop_packing import digest_of, digest_of_folder
from examples.shop.versions import VERSIONS

ROOT = Path(building.__file__).parents[2]


def opened(bundle):
    return zipfile.ZipFile(io.BytesIO(bundle.content))


def test_building_twice_gives_the_same_bytes():
    assert build("checkout", "v2") == build("checkout", "v2")


@pytest.mark.parametrize("umask", ["022", "077"])
def test_another_process_and_place_builds_the_same_digests(tmp_path, umask):
    """Neither the folder, the time zone, the language, the hash seed nor the umask shows."""
    strange = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": umask, "PYTHONPATH": str(ROOT)}

    told = subprocess.run(
        [sys.executable, "-m", "examples.shop.build", "all"],
        env=strange,
        cwd=tmp_path,
        umask=int(umask, 8),
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    expected = [f"{bundle.name} {bundle.digest}" for bundle in build_all()]
    assert told.splitlines() == expected


def test_the_digest_is_the_hash_of_the_content_and_names_the_key():
    bundle = build("payments", "v1")

    assert bundle.digest == digest_of(bundle.content)
    assert bundle.key == f"payments/sha256-{bundle.digest.removeprefix('sha256:')}.zip"


def test_every_version_of_the_table_is_another_artifact():
    built = digests()

    assert {service: list(table) for service, table in built.items()} == {
        service: list(table) for service, table in VERSIONS.items()
    }
    assert len({bundle.digest for bundle in build_all()}) == len(build_all())


@pytest.mark.parametrize("bundle", build_all(), ids=lambda bundle: bundle.name)
def test_a_bundle_tells_nothing_of_the_machine_that_built_it(bundle):
    entries = opened(bundle).infolist()

    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr >> 16 == 0o100644
        assert entry.compress_type == zipfile.ZIP_STORED
        assert (entry.extra, entry.comment) == (b"", b"")
    written = b"\n".join(opened(bundle).read(entry) for entry in entries)
    for trace in (str(ROOT), str(Path.home()), os.uname().nodename):
        # As a word: a short name of a machine is part of many others.
        assert not re.search(rf"(?<!\w){re.escape(trace)}(?!\w)".encode(), written)


def test_a_bundle_holds_only_what_its_service_needs():
    inventory, checkout = (
        set(opened(build(name, "v1")).namelist()) for name in ("inventory", "checkout")
    )

    assert {"bundle.json", "version.json", "service.py", "shop_http.py"} <= inventory
    assert checkout - inventory == {"shop_upstream.py"}


def test_the_manifests_say_how_to_start_and_how_it_behaves():
    with opened(build("checkout", "v3")) as bundle:
        start, behaviour = (
            json.loads(bundle.read(name)) for name in ("bundle.json", "version.json")
        )

    identity = {"service": "checkout", "version": "v3"}
    assert start == {**identity, "command": ["python", "service.py"], "healthPath": "/healthz"}
    faults = {"errorRate": 0.03, "extraLatencyMs": 0, "conversion": 1.0}
    assert behaviour == {**identity, **faults}


def test_a_version_that_is_not_in_the_table_is_refused_with_those_that_are(capsys):
    with pytest.raises(SystemExit) as stopped:
        building.main(["checkout", "v99"])

    assert "there is no version checkout v99; there are: checkout v1, v2" in str(stopped.value)


def test_an_unpacked_bundle_has_its_digest_until_a_file_changes(tmp_path):
    bundle = build("inventory", "v1")
    opened(bundle).extractall(tmp_path)
    (tmp_path / "stdout.log").write_text("not part of it")

    before = digest_of_folder(tmp_path)
    (tmp_path / "version.json").write_text("{}")

    assert before == bundle.digest
    assert digest_of_folder(tmp_path) != bundle.digest
