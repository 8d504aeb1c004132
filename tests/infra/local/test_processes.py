import os
import subprocess
from collections.abc import Iterator

import pytest

from infra.local.environment import clean_environment
from infra.local.home import Home
from infra.local.processes import end_leftovers, of_stack


@pytest.fixture
def orphan(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"], env=clean_environment(home))
    yield process
    process.kill()
    process.wait()


def test_a_process_belongs_to_the_stack_whose_mark_it_carries(
    home: Home, orphan: subprocess.Popen[bytes], tmp_path
):
    neighbour = Home(tmp_path / "stat")

    assert of_stack(home) == [orphan.pid]
    assert of_stack(neighbour) == []


def test_leftovers_are_ended(home: Home, orphan: subprocess.Popen[bytes]):
    assert end_leftovers(home) == []
    assert orphan.wait(timeout=5) != 0


def test_the_caller_itself_is_never_a_leftover(home: Home, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOCKGATE_STACK", str(home.root))

    assert os.getpid() not in of_stack(home)


def test_cloud_keys_of_the_caller_do_not_reach_the_stack(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")

    assert "planted" not in clean_environment(home).values()
