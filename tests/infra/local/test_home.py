from pathlib import Path

import pytest

from infra.local.errors import StackError
from infra.local.home import Home, find_home, write_private


def test_every_directory_is_closed_to_others(home: Home):
    folders = [home.root, *(path for path in home.root.rglob("*") if path.is_dir())]

    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_the_home_is_the_one_given_then_the_variable_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOCKGATE_HOME", raising=False)
    assert find_home().root == tmp_path / ".lockgate"

    monkeypatch.setenv("LOCKGATE_HOME", str(tmp_path / "named"))
    assert find_home().root == tmp_path / "named"
    assert find_home(tmp_path / "given").root == tmp_path / "given"


def test_a_long_path_moves_the_socket_where_its_address_fits():
    short = Home(Path("/srv/shop/.lockgate"))
    long = Home(Path("/srv") / ("x" * 120))

    assert short.control == short.root / "supervisor.sock"
    assert not long.control.is_relative_to(long.root)
    assert len(str(long.control)) < 100


def test_a_private_file_is_private_and_leaves_no_other_behind(tmp_path: Path):
    write_private(tmp_path / "key", "first")
    write_private(tmp_path / "key", "second")

    assert (tmp_path / "key").read_text() == "second"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_two_commands_do_not_work_on_one_home(home: Home):
    with home.locked(), pytest.raises(StackError, match="another `lockgate dev`"), home.locked():
        pass


def test_a_path_that_supervisord_cannot_hold_is_refused_at_once(tmp_path: Path):
    with pytest.raises(StackError, match="cannot work in a path with %; set LOCKGATE_HOME"):
        Home(tmp_path / "50% off").create()
