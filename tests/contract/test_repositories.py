"""What a repository promises, kept by real git and by the fake."""

import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from activities.sources.git import GitRepository
from activities.sources.git_process import Git, GitFailed, TooMuch
from tests.fakes.sources import FakeRepository
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.risk.facts import Author

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANA = Author(name="Ana", email="ana@example.org")
BEN = Author(name="Ben", email="ben@example.org")


class RealWorld:
    """A repository somebody else works in, and ours that reads it."""

    def __init__(self, folder):
        self.folder = folder / "theirs"
        self.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.repository = GitRepository(str(self.folder), folder / "copies" / "shop.git")

    def git(self, *words, **environ):
        told = subprocess.run(
            ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.org", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **environ},
            check=True,
            capture_output=True,
            text=True,
        )
        return told.stdout.strip()

    def commit(self, files, *, at, authors=(ANA,), message="a change", troubled=False):
        for path, text in files.items():
            if text is None:
                self.git("rm", "--quiet", "--", path)
            else:
                target = self.folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        first, *others = authors
        trailers = [f"Co-authored-by: {one.name} <{one.email}>" for one in others]
        trailers += ["Incident: INC-7"] if troubled else []
        body = "\n\n" + "\n".join(trailers) if trailers else ""
        self.git(
            "commit",
            "--quiet",
            f"--message={message}{body}",
            f"--author={first.name} <{first.email}>",
            GIT_COMMITTER_DATE=at.isoformat(),
            GIT_AUTHOR_DATE=at.isoformat(),
        )
        return self.git("rev-parse", "HEAD")

    def call_it(self, name, commit):
        self.git("tag", "--force", name, commit)


class FakeWorld:
    def __init__(self, _folder):
        self.repository = FakeRepository()
        self.call_it = self.repository.call_it

    def commit(self, files, *, at, authors=(ANA,), message="a change", troubled=False):
        return self.repository.commit(files, at=at, authors=authors, troubled=troubled)


@pytest.fixture(params=[RealWorld, FakeWorld], ids=["git", "fake"])
def world(request, tmp_path):
    return request.param(tmp_path)


@pytest.fixture
def real(tmp_path):
    return RealWorld(tmp_path)


def three(world):
    """A file from three months ago, changed a month ago, and changed now by two people."""
    old = world.commit({"a.py": "one\n", "b.py": "x\n"}, at=NOON - 100 * DAY)
    base = world.commit({"a.py": "one\ntwo\n"}, at=NOON - 30 * DAY, authors=(BEN,), troubled=True)
    head = world.commit(
        {"a.py": "one\nTWO\nthree\n", "c.py": "new\n", "b.py": None}, at=NOON, authors=(ANA, BEN)
    )
    return old, base, head


def test_the_commits_between_are_told_with_all_their_authors(world):
    _, base, head = three(world)

    found = world.repository.between(base, head)

    assert (found.base, found.head) == (base, head)
    (commit,) = found.commits
    assert (commit.id, commit.at) == (head, NOON)
    assert commit.authors == (ANA, BEN)
    assert sorted(commit.paths) == ["a.py", "b.py", "c.py"]


def test_files_are_told_with_their_lines(world):
    _, base, head = three(world)

    found = sorted(world.repository.between(base, head).files)

    assert [tuple(file) for file in found] == [("a.py", 2, 1), ("b.py", 0, 1), ("c.py", 1, 0)]


def test_the_diff_holds_what_was_added_and_nothing_around_it(world):
    _, base, head = three(world)

    diff = world.repository.between(base, head).diff

    assert "+TWO\n" in diff
    assert "+new\n" in diff
    assert "\n one\n" not in diff


def test_what_led_to_the_base_is_told_for_90_days_before_the_head(world):
    _, base, head = three(world)

    (earlier,) = world.repository.between(base, head).earlier

    assert earlier.id == base
    assert earlier.authors == (BEN,)
    assert earlier.troubled
    assert earlier.paths == ("a.py",)


def test_nothing_lies_between_a_commit_and_itself(world):
    _, _, head = three(world)

    found = world.repository.between(head, head)

    assert (found.commits, found.files, found.diff) == ((), (), "")


def test_a_tag_leads_to_its_commit_and_follows_it_when_it_moves(world):
    old, base, head = three(world)
    world.call_it("v1", old)

    assert world.repository.between("v1", head).base == old

    world.call_it("v1", base)

    assert world.repository.between("v1", head).base == base


@pytest.mark.parametrize("name", ["v9", "0" * 40])
def test_a_commit_that_is_not_there_is_missing(world, name):
    three(world)

    with pytest.raises(TargetMissing, match=f"leads to {name}"):
        world.repository.between(name, name)


@pytest.mark.parametrize("name", ["--output=stolen", "-h", "v1..v2"])
def test_what_is_no_name_is_refused_before_anybody_is_asked(world, name):
    _, _, head = three(world)

    with pytest.raises(Refused, match="is no name of a commit"):
        world.repository.between(name, head)
    with pytest.raises(Refused, match="is no name of a commit"):
        world.repository.between(head, name)


@pytest.mark.parametrize("name", ["a b", "x;id", "$(id)", "a\nb", ":/fix", "@{u}", "HEAD^", ""])
def test_git_is_asked_for_no_expression(real, name):
    _, _, head = three(real)

    with pytest.raises(Refused, match="is no name of a commit"):
        real.repository.between(name, head)


def test_a_branch_is_followed_too(real):
    _, base, head = three(real)

    assert real.repository.between(base, "main").head == head


def test_commits_that_are_known_need_nobody_to_be_there(real):
    """So that a ruling is made anew without the host of the repository."""
    _, base, head = three(real)
    real.repository.between(base, head)
    real.folder.rename(real.folder.with_name("gone"))

    assert real.repository.between(base, head).head == head
    with pytest.raises(Unavailable, match="the repository cannot be fetched"):
        real.repository.between(base, "main")


def test_a_revert_is_trouble_whatever_it_reverts(real):
    three(real)
    real.git("revert", "--no-edit", "HEAD", GIT_COMMITTER_DATE=NOON.isoformat())
    later = real.commit({"d.py": "d\n"}, at=NOON + DAY)

    revert = real.git("rev-parse", "HEAD~1")

    assert real.repository.between(revert, later).earlier[0].troubled


def test_a_file_of_the_repository_does_not_rename_an_author(real):
    """`.mailmap` belongs to whoever may commit, and would let an author be somebody else."""
    _, base, _ = three(real)
    head = real.commit({".mailmap": "Somebody <else@example.org> <ana@example.org>\n"}, at=NOON)

    authors = {
        author for one in real.repository.between(base, head).commits for author in one.authors
    }

    assert authors == {ANA, BEN}


def test_attributes_of_the_repository_run_no_program(real, tmp_path):
    marker = tmp_path / "ran"
    real.git("config", "diff.evil.textconv", f"touch {marker};")
    _, base, _ = three(real)
    head = real.commit({".gitattributes": "*.py diff=evil\n", "a.py": "other\n"}, at=NOON)

    assert "+other" in real.repository.between(base, head).diff
    assert not marker.exists()


def test_hostile_messages_forge_neither_commits_nor_authors(real):
    _, base, _ = three(real)
    forged = (
        f"x\x1e{'f' * 40}\x1fMallory\n\nCo-authored-by: only a name\nCo-authored-by: <no@name>"
    )
    real.commit({"a.py": "y\n"}, at=NOON, message=forged)
    head = real.commit({"weird\nname.py": "z\n", f"{'e' * 40}": "z\n"}, at=NOON)

    found = real.repository.between(base, head)

    assert len(found.commits) == 3
    assert {a.name for one in found.commits for a in one.authors} == {
        "Ana",
        "Ben",
        "only a name",
        "",
    }
    assert set(found.commits[0].paths) == {"weird\nname.py", "e" * 40}


def test_a_merge_tells_the_authors_of_both_sides(real):
    _, base, _ = three(real)
    real.git("checkout", "--quiet", "-b", "side", base)
    real.commit(
        {"side.py": "s\n"}, at=NOON, authors=(Author(name="Eve", email="eve@example.org"),)
    )
    real.git("checkout", "--quiet", "main")
    real.git("merge", "--quiet", "--no-ff", "--message=merge", "side")

    found = real.repository.between(base, "main")

    assert {a.name for one in found.commits for a in one.authors} == {
        "Ana",
        "Ben",
        "Eve",
        "nobody",
    }


def test_a_credential_is_neither_an_argument_nor_in_a_message(real, tmp_path):
    asked = []

    def secrets():
        asked.append(True)
        return {"http.extraHeader": "Authorization: Basic c2VjcmV0"}

    away = GitRepository("http://127.0.0.1:9/shop.git", tmp_path / "away.git", secrets=secrets)

    with pytest.raises(Unavailable) as caught:
        away.between("main", "main")

    assert asked == [True]
    assert "c2VjcmV0" not in str(caught.value)
    assert "c2VjcmV0" not in (tmp_path / "away.git" / "config").read_text()


def test_git_is_stopped_at_its_bounds(real, tmp_path, monkeypatch):
    three(real)

    with pytest.raises(TooMuch, match="git log had more than 0 KiB to say"):
        Git(real.folder)("log", most=10)
    with pytest.raises(GitFailed):
        Git(real.folder)("rev-parse", "--verify", "nothing")

    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec /bin/sleep 30\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent))
    with pytest.raises(Unavailable, match=r"git log was not done in 0\.2 s"):
        Git(real.folder, seconds=0.2)("log")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="no program `git`"):
        Git(real.folder)("log")
