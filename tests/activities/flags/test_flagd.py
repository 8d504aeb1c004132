"""A file of flagd's definitions, which other hands may change, lock up or take away."""

import json
import os
import threading

import pytest

from activities.files import one_at_a_time, replace_file
from activities.flags import flagd
from activities.flags.flagd import FlagdFile
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.release.flags import FlagState

FLAG = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "flags.json"
    file.write_text(json.dumps({"flags": {"a": FLAG, "b": FLAG}}))
    file.chmod(0o644)
    return file


def write(provider: FlagdFile, key: str = "a", **more) -> FlagState:
    before = provider.read(key)
    wanted = before.model_copy(update={"variant": "on", "set_by": "ours", **more})
    provider.write(wanted, instead_of=before, beat=lambda: None)
    return wanted


def test_the_file_is_replaced_whole_and_may_be_read_by_whom_it_was_before(file):
    before = file.stat().st_ino

    write(FlagdFile(file=file))

    assert file.stat().st_ino != before
    assert file.stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in file.parent.iterdir()) == [
        ".flags.json.lock",
        "flags.json",
    ]


def test_a_link_stays_a_link_and_its_file_is_replaced(file, tmp_path):
    link = tmp_path / "linked.json"
    link.symlink_to(file)

    write(FlagdFile(file=link))

    assert link.is_symlink()
    assert FlagdFile(file=file).read("a").variant == "on"


def test_a_flag_that_was_changed_meanwhile_is_left(file):
    provider = FlagdFile(file=file)
    before = provider.read("a")
    write(provider, set_by="theirs")
    held = file.read_bytes()

    with pytest.raises(Diverged, match="theirs changed the flag"):
        provider.write(before, instead_of=before, beat=lambda: None)

    assert file.read_bytes() == held


def test_a_write_that_fails_leaves_the_file_as_it_was(file, monkeypatch):
    held = file.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(FlagdFile(file=file))

    assert file.read_bytes() == held
    assert not list(file.parent.glob(".flags.json.?*[!k]"))


def test_somebody_at_work_is_waited_for(file, monkeypatch):
    monkeypatch.setattr(flagd, "_LOCKED_WITHIN", flagd._LOCKED_WITHIN / 100)
    lock = file.with_name(".flags.json.lock")

    with one_at_a_time(lock, within=flagd._LOCKED_WITHIN), pytest.raises(Unavailable):
        write(FlagdFile(file=file))

    assert write(FlagdFile(file=file)).variant == "on"


def test_two_releases_that_set_different_flags_at_once_lose_nothing(file):
    keys = [f"flag-{number}" for number in range(8)]
    replace_file(file, json.dumps({"flags": dict.fromkeys(keys, FLAG)}))
    together = threading.Barrier(len(keys))

    def move(key: str) -> None:
        together.wait()
        write(FlagdFile(file=file), key, set_by=key)

    threads = [threading.Thread(target=move, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    held = FlagdFile(file=file)
    assert [(held.read(key).variant, held.read(key).set_by) for key in keys] == [
        ("on", key) for key in keys
    ]


def test_a_file_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(TargetMissing, match=r"flags\.json: no such file"):
        FlagdFile(file=tmp_path / "flags.json").read("a")


def test_what_cannot_be_read_now_may_be_read_later(tmp_path):
    with pytest.raises(Unavailable, match="cannot be read: Is a directory"):
        FlagdFile(file=tmp_path).read("a")


@pytest.mark.parametrize("what", ["read_bytes", "open"])
def test_what_the_worker_may_not_do_is_refused(file, monkeypatch, what):
    """Patched, because these tests may be run by somebody who may do everything."""

    def closed(*_, **__):
        raise PermissionError(13, "Permission denied")

    provider = FlagdFile(file=file)
    before = provider.read("a")
    monkeypatch.setattr(type(file), what, closed)

    with pytest.raises(Refused, match="the worker may not do this: Permission denied"):
        provider.write(before, instead_of=before, beat=lambda: None)
