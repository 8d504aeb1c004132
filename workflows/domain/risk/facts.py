"""What is known of a change, of those on call and of earlier releases: all that risk goes by."""

from enum import StrEnum

from pydantic import AwareDatetime

from workflows.domain.values import Digest, Value


class Unknown(Value):
    """A fact that could not be had, and why; it scores as the worst that it could have been."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class PathClass(StrEnum):
    """What kind of thing a file is, told by its name."""

    CODE = "code"
    TESTS = "tests"
    DOCS = "docs"
    SCHEMA = "schema"
    CONFIGURATION = "configuration"
    DEPENDENCIES = "dependencies"
    INFRASTRUCTURE = "infrastructure"


class Author(Value):
    """Who wrote a commit, or is named by one as co-author; as the repository spells it."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class HotFile(Value):
    """A touched file, and what happened to it in the 90 days before the change."""

    path: str
    commits: int
    authors: int
    incidents: int = 0


class LineCoverage(Value):
    """Of the changed lines that can run: how many there are, and how many tests ran."""

    lines: int
    covered: int

    @property
    def share(self) -> float:
        """0..1; a change without a line that can run leaves nothing uncovered."""
        return self.covered / self.lines if self.lines else 1.0


class SourceChange(Value):
    """What lies between two commits of one service's repository; long lists are cut, and say so.

    `files` and `commits` are the whole numbers; `paths`, `hot` and `authors` hold the first, the
    hottest and all up to a bound. `complete` is False where authors were left out: then nobody
    can be shown not to be one.
    """

    service: str
    repository: str
    base: str
    head: str
    commits: int
    files: int
    added: int
    removed: int
    authors: tuple[Author, ...]
    classes: tuple[PathClass, ...]
    hot: tuple[HotFile, ...] = ()
    paths: tuple[str, ...] = ()
    schema_paths: tuple[str, ...] = ()
    coverage: LineCoverage | None = None
    complete: bool = True


class ChangeFacts(Value):
    """The change as the repositories tell it, service by service."""

    sources: tuple[SourceChange, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    def __str__(self) -> str:
        commits = sum(source.commits for source in self.sources)
        missing = f"; unknown: {len(self.unknown)}" if self.unknown else ""
        return f"{commits} commits of {len(self.sources)} services{missing}"


class OnCall(Value):
    """What those on call for a service have behind them.

    `pages_72h` counts those of the last 24 hours, too. `nights_woken` is 0..3. `on_since` is when
    their shift began, None where the pager does not tell.
    """

    service: str
    pages_24h: int
    pages_72h: int
    nights_woken: int
    on_since: AwareDatetime | None = None


class OnCallFacts(Value):
    """Those on call, service by service."""

    on_call: tuple[OnCall, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    def __str__(self) -> str:
        pages = sum(one.pages_24h for one in self.on_call)
        missing = f"; unknown: {len(self.unknown)}" if self.unknown else ""
        return f"{pages} pages in 24 hours for {len(self.on_call)} services{missing}"


class TroubledFile(Value):
    """A file that releases touched which were turned back, in the last 90 days."""

    service: str
    path: str
    incidents: int


class Shipped(Value):
    """The commit of a service that the newest kept release brought to the last environment."""

    service: str
    head: str


class Tally(Value):
    """How many ended releases had this score, by whether they stayed."""

    score: int
    kept: int
    failed: int


class Retrospective(Value):
    """What is owed for a release that went as an emergency, or lost its pattern the standing."""

    release: str
    services: tuple[str, ...]
    opened_at: AwareDatetime
    due_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    closed_by: str | None = None
    finding: str = ""

    def overdue(self, at: AwareDatetime) -> bool:
        return self.due_at is not None and self.closed_at is None and self.due_at <= at


class Standing(Value):
    """What the ledger knows that bears on a release."""

    pattern: Digest
    clean_runs: int = 0
    failed_release: str | None = None
    """The release that lost the pattern its standing, while nobody has looked into it."""
    concurrent: tuple[str, ...] = ()
    owed: tuple[Retrospective, ...] = ()
    troubled: tuple[TroubledFile, ...] = ()
    shipped: tuple[Shipped, ...] = ()
    tally: tuple[Tally, ...] = ()

    def __str__(self) -> str:
        ended = sum(one.kept + one.failed for one in self.tally)
        return f"{self.clean_runs} clean runs of its pattern, {ended} outcomes in all"
