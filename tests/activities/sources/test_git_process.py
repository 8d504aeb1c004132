import pytest

from activities.sources.git_process import Git, GitFailed, TooMuch
from tests.contract.repositories import RealWorld, three
from workflows.domain.errors import Refused, Unavailable


@pytest.fixture
def folder(tmp_path):
    world = RealWorld(tmp_path)
    three(world)
    return world.folder


def a_program(folder, text):
    program = folder / "git"
    folder.mkdir()
    program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(folder)


def test_what_git_says_is_returned(folder):
    assert Git(folder)("rev-parse", "--is-bare-repository") == b"false\n"


def test_more_than_is_read_is_refused_and_git_does_not_go_on(folder):
    with pytest.raises(TooMuch, match="git log had more than 0 KiB to say"):
        Git(folder)("log", most=10)


def test_an_error_is_told_by_its_last_line(folder):
    with pytest.raises(GitFailed) as caught:
        Git(folder)("rev-parse", "--verify", "nothing")

    assert caught.value.said == "fatal: Needed a single revision"


def test_git_that_is_not_done_in_time_is_ended(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", a_program(tmp_path / "bin", "exec /bin/sleep 30"))

    with pytest.raises(Unavailable, match=r"git log was not done in 0\.2 s"):
        Git(folder, seconds=0.2)("log")


def test_a_machine_without_git_is_told(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refused, match="no program `git`"):
        Git(folder)("log")


def test_secrets_are_in_the_environment_and_nowhere_else(folder, tmp_path, monkeypatch):
    """Everybody on the machine may read the arguments of a process."""
    seen = tmp_path / "seen"
    spy = f'echo "$@" > {seen}; echo "$GIT_CONFIG_KEY_0=$GIT_CONFIG_VALUE_0"'
    monkeypatch.setenv("PATH", a_program(tmp_path / "bin", spy))

    said = Git(folder, secrets={"http.extraHeader": "Basic s3cret"})("fetch")

    assert said == b"http.extraHeader=Basic s3cret\n"
    assert "s3cret" not in seen.read_text()


def test_nothing_of_our_own_environment_reaches_it(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("PATH", a_program(tmp_path / "bin", "/usr/bin/env"))

    said = Git(folder)("log").decode()

    assert "s3cret" not in said
    assert "GIT_DIR" not in said
    assert "GIT_CONFIG_GLOBAL=/dev/null" in said
    assert "GIT_TERMINAL_PROMPT=0" in said


def test_a_login_in_an_address_is_not_repeated(folder, tmp_path, monkeypatch):
    said = "echo fatal: cannot reach https://bot:s3cret@git.test/x.git >&2; exit 128"
    monkeypatch.setenv("PATH", a_program(tmp_path / "bin", said))

    with pytest.raises(GitFailed) as caught:
        Git(folder)("fetch")

    assert caught.value.said == "fatal: cannot reach https://git.test/x.git"
