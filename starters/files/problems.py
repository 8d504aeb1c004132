"""What is wrong with a file that a person wrote: the place, the field, and what to do."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # `lockgate --help` imports this module, and must not wait for pydantic
    from pydantic import JsonValue

FieldPath: TypeAlias = tuple[str | int, ...]
"""The way from a document's root to one of its parts: field names and positions from 0."""

LISTED = 20


@dataclass(frozen=True, order=True)
class Place:
    """Where something is written; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to put right; *field* is its path as written, empty for the file as a whole."""

    place: Place
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.place), self.field, self.message) if part)

    def as_json(self) -> "dict[str, JsonValue]":
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "field": self.field,
            "message": self.message,
        }


class FilesRefused(Exception):
    """The files cannot be used; `problems` has every reason, its text one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(path: Path) -> str:
    """*path* as messages name it: the same for each way to say it, short below this folder."""
    whole = Path(os.path.normpath(path.absolute()))
    here = Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)


def field_name(path: FieldPath) -> str:
    """*path* as people write it: `spec.services[0].artifact.digest`."""
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return written.removeprefix(".")


def nearest(found: str, known: Iterable[str]) -> str:
    """A hint for somebody who wrote *found* where one of *known* belongs."""
    names = sorted(known)
    if not names:
        return "there are none"
    folded = {name.lower().replace("_", ""): name for name in names}
    wanted = found.lower().replace("_", "")
    close = get_close_matches(wanted, folded, n=1)
    close = close or [name for name in folded if len(wanted) > 1 and name.startswith(wanted)]
    if close:
        return f"did you mean {folded[close[0]]}?"
    listed = ", ".join(names[:LISTED])
    return f"there are: {listed}{', …' if len(names) > LISTED else ''}"
