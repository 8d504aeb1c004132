"""A git repository, read through a bare copy of it that the worker keeps."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from activities.files import one_at_a_time
from activities.sources.git_process import Git, GitFailed, TooMuch
from activities.sources.repository import Between, Commit, FileChange
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.risk.facts import Author

_REFERENCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_ALL = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_BEFORE = timedelta(days=90)
_PATIENCE = timedelta(minutes=2)
_MOST_COMMITS = 5_000
_MOST_DIFF = 16 * 1024 * 1024

# `%an`, not `%aN`: .mailmap is a file of the repository, in which an author could be anybody.
_FIELDS = (
    "%H",
    "%ct",
    "%an",
    "%ae",
    "%s",
    "%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x0A)",
    "%(trailers:key=Incident,valueonly,unfold,separator=%x0A)",
)
_SIGNED = re.compile(r"\s*(?P<name>[^<>]*?)\s*<(?P<email>[^<>]*)>\s*")
_REVERT = re.compile(r'revert(:|\(| ")', re.IGNORECASE)


class GitRepository:
    """The repository at *url*, an address or a folder; its copy is kept in *folder*.

    *secrets* gives the settings of git that hold a credential; it is asked at each fetch.
    """

    type: ClassVar[str] = "git"

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        secrets: Callable[[], Mapping[str, str]] = dict,
        seconds: float = 120,
    ) -> None:
        self._url = url
        self._folder = folder
        self._secrets = secrets
        self._seconds = seconds
        self._git = Git(folder, seconds=seconds)

    def between(self, base: str, head: str) -> Between:
        for reference in (base, head):
            _check(reference)
        try:
            return self._between(base, head)
        except GitFailed as error:
            raise Refused(f"the copy of the repository cannot be read: {error.said}") from None
        except TooMuch as error:
            raise Refused(f"the change is too large to be read: {error}") from None

    def _between(self, base: str, head: str) -> Between:
        self._fetch_for(base, head)
        old, new = self._commit_of(base), self._commit_of(head)
        before = self._moment_of(new) - _BEFORE
        commits = tuple(self._commits(f"{old}..{new}"))
        earlier = tuple(self._commits(old, f"--since={before.isoformat()}"))
        return Between(
            base=old,
            head=new,
            commits=commits,
            files=tuple(self._files(old, new)),
            earlier=earlier,
            diff=self._diff(old, new),
            complete=len(commits) < _MOST_COMMITS,
        )

    def _fetch_for(self, *references: str) -> None:
        """Bring the copy up to date, unless it has all that is asked for: commits do not move."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(self._folder.with_suffix(".lock"), within=_PATIENCE):
            if not (self._folder / "HEAD").exists():
                self._git("init", "--quiet", "--bare")
            if not all(_COMMIT.fullmatch(one) and self._has(one) for one in references):
                self._fetch()

    def _fetch(self) -> None:
        git = Git(self._folder, seconds=self._seconds, secrets=self._secrets())
        try:
            git("fetch", "--quiet", "--force", "--prune", "--no-tags", self._url, *_ALL)
        except GitFailed as error:
            raise Unavailable(f"the repository cannot be fetched: {error.said}") from None

    def _has(self, commit: str) -> bool:
        try:
            self._git("cat-file", "-e", f"{commit}^{{commit}}")
        except GitFailed:
            return False
        return True

    def _commit_of(self, reference: str) -> str:
        for name in (reference, f"refs/tags/{reference}", f"refs/heads/{reference}"):
            try:
                found = self._git(
                    "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
                )
            except GitFailed:
                continue
            return found.decode().strip()
        raise TargetMissing(f"no branch or tag of the repository leads to {reference}")

    def _moment_of(self, commit: str) -> datetime:
        seconds = self._git("show", "--no-patch", "--format=%ct", commit)
        return datetime.fromtimestamp(int(seconds), UTC)

    def _commits(self, *which: str) -> Iterator[Commit]:
        """Newest first. Two questions, so that no name of a file can pass for a commit's field."""
        log = ("log", "-z", f"--max-count={_MOST_COMMITS}")
        paths = _paths(self._git(*log, "--raw", "--no-renames", "--format=%H", *which))
        told = self._git(*log, "--no-patch", f"--format={'%x00'.join(_FIELDS)}", *which)
        fields = told.decode("utf-8", "replace").removesuffix("\0").split("\0")
        for at in range(0, len(fields) - len(_FIELDS) + 1, len(_FIELDS)):
            commit, moment, name, email, subject, others, incident = fields[at : at + len(_FIELDS)]
            yield Commit(
                id=commit,
                at=datetime.fromtimestamp(int(moment), UTC),
                authors=tuple(_authors(Author(name=name, email=email), others)),
                paths=paths.get(commit, ()),
                troubled=bool(incident.strip() or _REVERT.match(subject)),
            )

    def _files(self, old: str, new: str) -> Iterator[FileChange]:
        told = self._git("diff", "--numstat", "-z", "--no-renames", "--no-ext-diff", old, new)
        for line in told.decode("utf-8", "replace").split("\0"):
            if line:
                added, removed, path = line.split("\t", 2)
                yield FileChange(path, _number(added), _number(removed))

    def _diff(self, old: str, new: str) -> str | None:
        words = ("--unified=0", "--no-color", "--no-renames", "--no-ext-diff", "--no-textconv")
        try:
            told = self._git("diff", *words, old, new, most=_MOST_DIFF)
        except TooMuch:
            return None
        return told.decode("utf-8", "replace")


def _check(reference: str) -> None:
    """Raise for what git could take for an option, a range or a file; see `SourceSpec`."""
    if _REFERENCE.fullmatch(reference) is None or ".." in reference:
        raise Refused(f"{reference!r} is no name of a commit, tag or branch")


def _paths(told: bytes) -> dict[str, tuple[str, ...]]:
    """The files of each commit: after each entry that begins with a colon comes one name."""
    found: dict[str, list[str]] = {}
    commit = ""
    entries = iter(told.decode("utf-8", "replace").split("\0"))
    for entry in entries:
        word = entry.lstrip("\n")
        if word.startswith(":"):
            found[commit].append(next(entries))
        elif word:
            commit = word
            found[commit] = []
    return {name: tuple(files) for name, files in found.items()}


def _authors(author: Author, others: str) -> Iterator[Author]:
    """The author first, then each co-author of a trailer, who may be told by a name alone."""
    yield author
    for line in filter(None, map(str.strip, others.splitlines())):
        signed = _SIGNED.fullmatch(line)
        if signed is None:
            yield Author(name=line[:200], email="")
        else:
            yield Author(name=signed["name"][:200], email=signed["email"][:200])


def _number(told: str) -> int:
    return int(told) if told.isdigit() else 0
