"""What a repository must be able to tell; one module beside this one per kind."""

from datetime import datetime
from typing import ClassVar, NamedTuple, Protocol

from workflows.domain.risk.facts import Author


class Commit(NamedTuple):
    """A commit: everybody it names as author, and whether it says that something had gone wrong.

    `troubled` is a revert, or a commit with the trailer `Incident`.
    """

    id: str
    at: datetime
    authors: tuple[Author, ...]
    paths: tuple[str, ...]
    troubled: bool = False


class FileChange(NamedTuple):
    """How many lines of a file were added and removed; of a binary file none."""

    path: str
    added: int
    removed: int


class Between(NamedTuple):
    """What `head` has and `base` has not, by their full ids.

    `earlier` are the commits that led to `base` in the 90 days before `head` was committed.
    `diff` is unified without context; None where it is too large to be read. `complete` is False
    where commits were left out.
    """

    base: str
    head: str
    commits: tuple[Commit, ...]
    files: tuple[FileChange, ...]
    earlier: tuple[Commit, ...]
    diff: str | None
    complete: bool = True


class Repository(Protocol):
    """Keeps the history of some source."""

    type: ClassVar[str]

    def between(self, base: str, head: str) -> Between:
        """All that lies between two commits, tags or branches.

        Raises:
            TargetMissing: it knows no such commit.
            Refused: a name is none that could be one; the repository is damaged.
            Unavailable: it does not answer, or not in time.
        """
        ...
