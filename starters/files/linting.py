"""Checks files and folders, as an author or a pipeline asks for it, and finds all problems."""

from collections.abc import Iterable
from pathlib import Path

from starters.files.catalog import ENDINGS, read_catalog
from starters.files.documents import read_documents
from starters.files.problems import Place, Problem, shown
from starters.files.spec_file import lint_release


def lint(paths: Iterable[Path], *, catalog_dir: Path | None = None) -> tuple[Problem, ...]:
    """Every problem of *paths*, and of the catalogs that they belong to, in the order of places.

    A folder stands for all YAML files below it. A file with a Release is checked with its
    catalog; the folder of any other file is a catalog, checked as a whole.
    """
    problems: set[Problem] = set()
    catalogs: dict[Path, Path] = {}
    for path in paths:
        files = _files(path)
        if not files:
            problems.add(Problem(Place(shown(path)), "", "no such file, or a folder without YAML"))
        for file in files:
            if _is_release(file):
                problems.update(lint_release(file, catalog_dir=catalog_dir))
            else:
                catalogs.setdefault(file.parent.absolute(), file.parent)
    for folder in catalogs.values():
        problems.update(read_catalog(folder).problems)
    return tuple(sorted(problems))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.exists() else []
    found = (file for file in path.rglob("*") if file.suffix in ENDINGS and file.is_file())
    return sorted(file for file in found if not _hidden(file.relative_to(path)))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _is_release(file: Path) -> bool:
    """Whether the file is for a Release; one that says nothing at all is taken for one."""
    kinds = {document.kind for document in read_documents(file).documents}
    return "Release" in kinds or not kinds
