"""Checks files and folders, as an author or a pipeline asks for it, and finds all problems."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from starters.files.catalog import ENDINGS, read_catalog, yaml_files
from starters.files.documents import Reading, read_documents
from starters.files.problems import Place, Problem, shown
from starters.files.spec_file import read_release
from starters.files.stack_template import is_stack_template_file, read_stack_template
from starters.schedules.declared import check_schedules


@dataclass(frozen=True)
class Findings:
    """What must be put right, and what only should be known, each in the order of places."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def lint(paths: Iterable[Path], *, catalog_dir: Path | None = None) -> tuple[Problem, ...]:
    """Every problem of *paths*, as `inspect` finds them."""
    return inspect(paths, catalog_dir=catalog_dir).problems


def inspect(paths: Iterable[Path], *, catalog_dir: Path | None = None) -> Findings:
    """All that there is to say of *paths*, and of the catalogs that they belong to.

    A folder stands for all YAML files below it. A file with a Release is checked with its
    catalog, a template of CloudFormation by itself; the folder of any other file is a catalog, or
    one of schedules, checked as a whole.
    """
    problems: set[Problem] = set()
    warnings: set[Problem] = set()
    for reading in _readings(paths, catalog_dir):
        problems.update(reading.problems)
        warnings.update(reading.warnings)
    return Findings(tuple(sorted(problems)), tuple(sorted(warnings)))


def _readings(paths: Iterable[Path], catalog_dir: Path | None) -> Iterator[Reading]:
    catalogs: dict[Path, Path] = {}
    for path in paths:
        files = _files(path)
        if not files:
            message = "no such file, or a folder without YAML"
            yield Reading(problems=(Problem(Place(shown(path)), "", message),))
        for file in files:
            if is_stack_template_file(file):
                text = file.read_text(encoding="utf-8-sig")
                yield Reading(problems=read_stack_template(shown(file), text)[1])
            elif _is_release(file):
                yield read_release(file, catalog_dir=catalog_dir)
            else:
                catalogs.setdefault(file.parent.absolute(), file.parent)
    for folder in catalogs.values():
        yield check_schedules(folder) if _is_of_schedules(folder) else read_catalog(folder)


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


def _is_of_schedules(folder: Path) -> bool:
    """Whether nothing else is in it; beside other kinds, a schedule is what does not belong."""
    files = yaml_files(folder)
    return {d.kind for file in files for d in read_documents(file).documents} == {"Schedule"}
