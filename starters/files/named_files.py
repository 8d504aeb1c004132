"""Reads the files that documents name, from the folder of the catalog."""

from collections.abc import Iterable
from pathlib import Path

from starters.files.documents import Document, Reading
from starters.files.problems import Problem, field_name, shown
from workflows.domain.files import named_files
from workflows.domain.values import FileName

LARGEST_TOGETHER = 256 * 1024
"""Bytes of all files that one catalog names; they travel with every order."""


def read_named_files(documents: Iterable[Document], folder: Path) -> Reading:
    """The text of every file that *documents* name, and what is wrong with those that have none.

    Each is looked for below *folder*; a link that leads out of it is refused.
    """
    files: dict[FileName, str] = {}
    problems: list[Problem] = []
    for document in documents:
        for path, name in named_files(document.model):
            if name in files:
                continue
            try:
                files[name] = _text(folder, name)
            except (OSError, ValueError) as error:
                place = document.written.place_of(path)
                message = f"{shown(folder / name)}: {_why(error)}"
                problems.append(Problem(place, field_name(path), message))
                continue
            if sum(len(text.encode()) for text in files.values()) > LARGEST_TOGETHER:
                place = document.written.place_of(path)
                most = LARGEST_TOGETHER // 1024
                message = f"with {name} the files of the catalog are larger than {most} KiB"
                problems.append(Problem(place, field_name(path), message))
                return Reading(problems=tuple(problems))
    return Reading(problems=tuple(problems), files=files)


def _text(folder: Path, name: FileName) -> str:
    """The file's text.

    Raises:
        OSError: it cannot be read.
        ValueError: it leads out of the folder, is too large, or is not UTF-8 text.
    """
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise ValueError("leads out of the catalog's folder")
    with file.open("rb") as stream:
        raw = stream.read(LARGEST_TOGETHER + 1)
    if len(raw) > LARGEST_TOGETHER:
        raise ValueError(f"is larger than {LARGEST_TOGETHER // 1024} KiB; split it")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8 text; save it as UTF-8") from error


def _why(error: OSError | ValueError) -> str:
    return f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
