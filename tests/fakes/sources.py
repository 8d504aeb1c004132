"""A repository and a pager held in memory, and the rules of SourcesActivities over them."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from activities.sources.activities import SourcesActivities
from activities.sources.repository import Between, Commit, FileChange
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.risk.facts import Author, ChangeFacts, OnCallFacts
from workflows.domain.values import Digest, Provider, digest_of
from workflows.ports.sources import ReadChange, ReadOnCall

Tree = Mapping[str, str]


@dataclass(frozen=True)
class _Kept:
    commit: Commit
    tree: Tree


class FakeRepository:
    """One line of commits, each with the whole tree after it; `down` it does not answer."""

    type: ClassVar[str] = "fake"

    def __init__(self) -> None:
        self._line: list[_Kept] = []
        self._names: dict[str, str] = {}
        self.down = False

    def commit(
        self,
        files: Mapping[str, str | None],
        *,
        at: datetime,
        authors: tuple[Author, ...],
        troubled: bool = False,
    ) -> str:
        """Change *files*, of which None removes one; the commit's id."""
        before = dict(self._line[-1].tree) if self._line else {}
        tree = {**before, **{p: text for p, text in files.items() if text is not None}}
        tree = {path: text for path, text in tree.items() if files.get(path, "") is not None}
        name = digest_of(f"{len(self._line)} {sorted(tree.items())}").removeprefix("sha256:")[:40]
        paths = tuple(sorted(p for p in {*before, *tree} if before.get(p) != tree.get(p)))
        commit = Commit(id=name, at=at, authors=authors, paths=paths, troubled=troubled)
        self._line.append(_Kept(commit, tree))
        return name

    def call_it(self, name: str, commit: str) -> None:
        """Let a branch or tag of this name lead to *commit*."""
        self._names[name] = commit

    def between(self, base: str, head: str) -> Between:
        if self.down:
            raise Unavailable("the repository does not answer")
        old, new = self._place(base), self._place(head)
        before, after = self._line[old].tree, self._line[new].tree
        since = self._line[new].commit.at - timedelta(days=90)
        return Between(
            base=self._line[old].commit.id,
            head=self._line[new].commit.id,
            commits=tuple(kept.commit for kept in reversed(self._line[old + 1 : new + 1])),
            files=tuple(_changes(before, after)),
            earlier=tuple(
                kept.commit for kept in reversed(self._line[: old + 1]) if kept.commit.at >= since
            ),
            diff="".join(_diffs(before, after)),
        )

    def _place(self, reference: str) -> int:
        if reference.startswith("-") or ".." in reference:
            raise Refused(f"{reference!r} is no name of a commit, tag or branch")
        wanted = self._names.get(reference, reference)
        for at, kept in enumerate(self._line):
            if kept.commit.id == wanted:
                return at
        raise TargetMissing(f"no branch or tag of the repository leads to {reference}")


def _changes(before: Tree, after: Tree) -> Iterator[FileChange]:
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            lines = list(_lines(before.get(path, ""), after.get(path, "")))
            added = sum(line.startswith("+") for line in lines)
            yield FileChange(path, added, len([one for one in lines if one.startswith("-")]))


def _lines(old: str, new: str) -> Iterator[str]:
    told = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    yield from (line for line in list(told)[2:] if line[:1] in {"+", "-"})


def _diffs(before: Tree, after: Tree) -> Iterator[str]:
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old != new:
            yield from difflib.unified_diff(
                (old or "").splitlines(keepends=True),
                (new or "").splitlines(keepends=True),
                f"a/{path}" if old is not None else "/dev/null",
                f"b/{path}" if new is not None else "/dev/null",
                n=0,
            )


@dataclass
class FakePager:
    """Remembers pages by service, and shifts by schedule; `down` it does not answer."""

    type: ClassVar[str] = "fake"
    paged: dict[str, list[datetime]] = field(default_factory=dict)
    shifts: dict[str, list[datetime]] = field(default_factory=dict)
    down: bool = False

    def pages(self, service: str, *, since: datetime, until: datetime) -> tuple[datetime, ...]:
        self._answer()
        found = set(self.paged.get(service, []))
        return tuple(sorted(at for at in found if since <= at <= until))

    def shift_began(self, schedule: str, *, at: datetime) -> datetime | None:
        self._answer()
        if schedule not in self.shifts:
            raise TargetMissing(f"the pager knows no schedule {schedule}")
        return max((began for began in self.shifts[schedule] if began <= at), default=None)

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("the pager does not answer")


class FakeSources(SourcesActivities):
    """One in-memory repository and pager per provider; `asks` lists what was asked, in order.

    `reports` are files of coverage by their digest.
    """

    def __init__(self) -> None:
        super().__init__(self.repository, self.pager, report=self._kept)
        self.repositories: dict[Provider, FakeRepository] = {}
        self.pagers: dict[Provider, FakePager] = {}
        self.reports: dict[Digest, bytes] = {}
        self.asks: list[ReadChange | ReadOnCall] = []

    def repository(self, provider: Provider) -> FakeRepository:
        return self.repositories.setdefault(provider, FakeRepository())

    def pager(self, provider: Provider) -> FakePager:
        return self.pagers.setdefault(provider, FakePager())

    def read_change(self, ask: ReadChange) -> ChangeFacts:
        self.asks.append(ask)
        return super().read_change(ask)

    def read_on_call(self, ask: ReadOnCall) -> OnCallFacts:
        self.asks.append(ask)
        return super().read_on_call(ask)

    def _kept(self, digest: Digest) -> bytes:
        if digest not in self.reports:
            raise TargetMissing(f"no report is kept as {digest}")
        return self.reports[digest]
