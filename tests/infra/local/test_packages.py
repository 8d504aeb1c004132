import shutil
from pathlib import Path

import pytest

from infra.local.errors import NotAvailable
from infra.local.home import Home
from infra.local.packages import _free_of_system_templates, obtain_monitoring


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lockgate"


def test_a_cached_copy_is_linked_without_asking_apt(home: Home, cache: Path):
    programs = cache / "monitoring-2.42" / "usr" / "bin"
    programs.mkdir(parents=True)
    for program in ("prometheus", "prometheus-alertmanager"):
        (programs / program).touch()

    assert obtain_monitoring(home).resolve() == programs
    assert obtain_monitoring(home).is_relative_to(home.root)


def test_elsewhere_than_on_debian_it_says_why_not(
    home: Home, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "which", lambda tool: None)

    with pytest.raises(NotAvailable, match="no apt-get here"):
        obtain_monitoring(home)


def test_the_template_folder_becomes_the_current_one_at_the_same_length(tmp_path: Path):
    """A Go string has its length beside it, and neighbours right after it."""
    folder = b"/usr/share/prometheus/alertmanager"
    program = tmp_path / "alertmanager"
    program.write_bytes(b"before" + folder + b"355" + folder + b"/ui/after")

    _free_of_system_templates(program)

    patched = program.read_bytes()
    assert patched.endswith(folder + b"/ui/after")
    relative = patched.removeprefix(b"before")[: len(folder)].decode()
    assert (tmp_path / relative).resolve() == tmp_path
    assert len(patched) == len(b"before" + folder + b"355" + folder + b"/ui/after")
