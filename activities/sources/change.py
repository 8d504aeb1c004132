"""Commits, a diff and a report of coverage to the facts of a change."""

from collections import Counter
from collections.abc import Iterable, Iterator

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from activities.sources.coverage import Report, lines_of
from activities.sources.repository import Between, Commit
from workflows.domain.errors import Refused
from workflows.domain.risk.asking import SourceAsk
from workflows.domain.risk.facts import Author, HotFile, LineCoverage, PathClass, SourceChange
from workflows.domain.risk.paths import path_class

_MOST_HOT = 10
_MOST_PATHS = 100
_MOST_AUTHORS = 200
_MOST_LETTERS = 200


def change_of(ask: SourceAsk, between: Between, report: Report | None) -> SourceChange:
    """What *between* says of the change that *ask* is about; without a report no coverage.

    Raises:
        Refused: the diff cannot be read.
    """
    paths = [file.path for file in between.files]
    classes = {path: path_class(path) for path in paths}
    authors = tuple(
        dict.fromkeys(author for commit in between.commits for author in commit.authors)
    )
    return SourceChange(
        service=ask.service,
        repository=str(ask.repository),
        base=between.base,
        head=between.head,
        commits=len(between.commits),
        files=len(between.files),
        added=sum(file.added for file in between.files),
        removed=sum(file.removed for file in between.files),
        authors=tuple(_bounded(author) for author in authors[:_MOST_AUTHORS]),
        classes=tuple(sorted(set(classes.values()))),
        hot=_hot(paths, between.earlier),
        paths=tuple(path[:_MOST_LETTERS] for path in paths[:_MOST_PATHS]),
        schema_paths=tuple(p[:_MOST_LETTERS] for p in paths if classes[p] is PathClass.SCHEMA)[
            :10
        ],
        coverage=_coverage(between, report),
        complete=between.complete and len(authors) <= _MOST_AUTHORS,
    )


def _bounded(author: Author) -> Author:
    return Author(name=author.name[:_MOST_LETTERS], email=author.email[:_MOST_LETTERS])


def _hot(paths: list[str], earlier: Iterable[Commit]) -> tuple[HotFile, ...]:
    """The touched files to which most happened before, hottest first."""
    touched = set(paths)
    commits: Counter[str] = Counter()
    incidents: Counter[str] = Counter()
    authors: dict[str, set[str]] = {}
    for commit in earlier:
        for path in touched.intersection(commit.paths):
            commits[path] += 1
            incidents[path] += commit.troubled
            authors.setdefault(path, set()).update(a.email or a.name for a in commit.authors)
    hottest = sorted(commits, key=lambda path: (-incidents[path], -commits[path], path))
    return tuple(
        HotFile(
            path=path[:_MOST_LETTERS],
            commits=commits[path],
            authors=len(authors[path]),
            incidents=incidents[path],
        )
        for path in hottest[:_MOST_HOT]
    )


def _coverage(between: Between, report: Report | None) -> LineCoverage | None:
    """How many of the added lines of code tests ran; None where nobody can tell.

    A file of code that the report does not know counts with all its lines as not run: what no
    test ever loads is missing from most reports.
    """
    if report is None or between.diff is None:
        return None
    lines = covered = 0
    for path, added in _added(between.diff):
        if path_class(path) is not PathClass.CODE:
            continue
        known = lines_of(report, path)
        if known is None:
            lines += len(added)
            continue
        runnable = [known[number] for number in added if number in known]
        lines += len(runnable)
        covered += sum(hits > 0 for hits in runnable)
    return LineCoverage(lines=lines, covered=covered)


def _added(diff: str) -> Iterator[tuple[str, list[int]]]:
    """The numbers of the added lines that are not blank, file by file."""
    try:
        patch = PatchSet(diff)
    except UnidiffParseError as error:
        raise Refused(f"the diff cannot be read: {error}") from None
    for file in patch:
        added = [
            line.target_line_no
            for hunk in file
            for line in hunk
            if line.is_added and line.value.strip() and line.target_line_no is not None
        ]
        yield file.path, added
