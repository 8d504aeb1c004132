"""A repository somebody works in, real or held in memory, with ours that reads it."""

import os
import subprocess
from datetime import UTC, datetime, timedelta

from activities.sources.git import GitRepository
from tests.fakes.sources import FakeRepository
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


def three(world):
    """A file from three months ago, changed a month ago, and changed now by two people."""
    old = world.commit({"a.py": "one\n", "b.py": "x\n"}, at=NOON - 100 * DAY)
    base = world.commit({"a.py": "one\ntwo\n"}, at=NOON - 30 * DAY, authors=(BEN,), troubled=True)
    head = world.commit(
        {"a.py": "one\nTWO\nthree\n", "c.py": "new\n", "b.py": None}, at=NOON, authors=(ANA, BEN)
    )
    return old, base, head
