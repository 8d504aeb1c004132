"""Reads the schedules that are declared: Lockgate's own, and those of an installation."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

import infra
from infra.temporal import local_config
from starters.files.catalog import ENDINGS, yaml_files
from starters.files.documents import Document, Reading, read_documents, twice
from starters.files.problems import FieldPath, FilesRefused, Place, Problem, nearest, shown
from starters.files.problems import field_name as named
from starters.files.teaching import explain
from starters.schedules.stories import STORIES
from workflows.domain.calendar.wall import zone_of
from workflows.domain.cron import parse_cron, skipped
from workflows.domain.spec import Schedule, StartsSpec
from workflows.domain.values import Value

FOLDER_VARIABLE = "LOCKGATE_SCHEDULES"
"""An installation's own folder of schedules, for every command that is not told one."""

OURS = Path(infra.__file__).parent / "schedules"
"""The schedules that every installation has; they travel with the package."""

_STORY: FieldPath = ("spec", "story")
_INPUT: FieldPath = ("spec", "input")
_CRON: FieldPath = ("spec", "cron")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A schedule as its file says, with the story's input as the story reads it."""

    id: str
    spec: StartsSpec
    order: Value


def declared_schedules(folder: Path | None = None) -> tuple[Declared, ...]:
    """Lockgate's own schedules and those of *folder*, which replace own ones of the same name.

    Without *folder* it is the one that LOCKGATE_SCHEDULES names, or the local stack's.

    Raises:
        FilesRefused: with every problem of the files.
    """
    folder = folder or own_folder(os.environ)
    found: dict[str, Declared] = {}
    for one in (OURS,) if folder is None else (OURS, folder):
        found |= {declared.id: declared for declared in read_schedules(one)}
    if problems := tuple(_same_runs(found.values())):
        raise FilesRefused(problems)
    return tuple(found.values())


def own_folder(environment: Mapping[str, str]) -> Path | None:
    """Where an installation has schedules of its own, if it has any."""
    if named := environment.get(FOLDER_VARIABLE):
        return Path(named)
    local = local_config(environment)
    beside = None if local is None else local.parent / "schedules"
    return beside if beside is not None and beside.is_dir() else None


def read_schedules(folder: Path) -> tuple[Declared, ...]:
    """The schedules of the folder's YAML files.

    Raises:
        FilesRefused: with every problem of the files, or of the folder.
    """
    reading = check_schedules(folder)
    if reading.problems:
        raise FilesRefused(reading.problems)
    models = (document.model for document in reading.documents)
    return tuple(
        Declared(id=model.metadata.name, spec=model.spec, order=_order(model.spec))
        for model in models
        if isinstance(model, Schedule)
    )


def check_schedules(folder: Path) -> Reading:
    """Every document of the folder, and every problem that keeps it from being applied."""
    reading, today = _read(folder), datetime.now(UTC).date()
    problems = (p for document in reading.documents for p in _problems(document, since=today))
    return reading + Reading(problems=tuple(problems))


def _read(folder: Path) -> Reading:
    try:
        files, no_files = yaml_files(folder), tuple(_no_files(folder))
    except OSError as error:
        message = f"the schedules cannot be read: {error.strerror}"
        return Reading(problems=(Problem(Place(shown(folder)), "", message),))
    reading = sum((read_documents(file) for file in files), Reading())
    return reading + Reading(problems=(*no_files, *twice(reading.documents)))


def _no_files(folder: Path) -> Iterator[Problem]:
    """What is named as a file and is none: passed over, its schedules would be pruned."""
    for path in folder.iterdir():
        if path.suffix in ENDINGS and not path.is_file():
            found = "a folder" if path.is_dir() else "a link to nothing"
            message = f"expected a file, found {found}; mend it, or take it out"
            yield Problem(Place(shown(path)), "", message)


def _problems(document: Document, *, since: date) -> Iterator[Problem]:
    """What is wrong with a schedule that only what is installed here can tell."""
    if document.kind != "Schedule":
        message = f"a {document.kind} is no schedule; its place is the catalog, or beside it"
        yield Problem(document.place_of_kind, "kind", message)
        return
    if not isinstance(model := document.model, Schedule):
        return
    if model.spec.story not in STORIES:
        message = f'found "{model.spec.story}"; {nearest(model.spec.story, STORIES)}'
        yield Problem(document.written.place_of(_STORY), "spec.story", message)
    else:
        yield from _misinformed(document, model.spec)
    yield from _left_out(document, model.spec, since=since)


def _misinformed(document: Document, spec: StartsSpec) -> Iterator[Problem]:
    """What of the input the story would not take."""
    order = STORIES[spec.story]
    try:
        _order(spec)
    except ValidationError as refused:
        for error in refused.errors(include_url=False):
            yield from _input_problem(document, order, error)


def _order(spec: StartsSpec) -> Value:
    story = STORIES[spec.story]
    return story.model_validate_json(json.dumps(spec.input), strict=True, extra="forbid")


def _input_problem(
    document: Document, order: type[Value], error: ErrorDetails
) -> Iterator[Problem]:
    path = (*_INPUT, *error["loc"])
    if error["type"] == "extra_forbidden":
        message = "is nothing that the story asks for"
        if len(error["loc"]) == 1:
            message += f"; {nearest(str(path[-1]), order.model_fields)}"
        yield Problem(document.written.place_of_key(path), named(path), message)
    elif error["type"] == "missing":
        place = document.written.place_of_key(path[:-1])
        yield Problem(place, named(path), "is missing; the story cannot begin without it")
    elif problem := explain("Schedule", document.written, {**error, "loc": path}):
        yield problem


def _left_out(document: Document, spec: StartsSpec, *, since: date) -> Iterator[Problem]:
    """A time of day that does not exist on some day of the year, on which nothing would start.

    What comes every hour may miss one.
    """
    if spec.cron is None or spec.time_zone is None:
        return
    cron = parse_cron(spec.cron)
    if cron.every_hour:
        return
    at = next(skipped(cron, zone_of(spec.time_zone), since=since), None)
    if at is not None:
        message = (
            f"on {at:%Y-%m-%d} the clock of {spec.time_zone} jumps over {at:%H:%M}, so nothing "
            "would start that day; choose another hour, or UTC"
        )
        yield Problem(document.written.place_of(_CRON), "spec.cron", message)


def _same_runs(declared: Iterable[Declared]) -> Iterator[Problem]:
    """Two schedules whose runs have one name: the one would keep the other from starting."""
    first: dict[str, str] = {}
    for one in declared:
        earlier = first.setdefault(one.spec.workflow_id, one.id)
        if earlier != one.id:
            message = f"{earlier} and {one.id} both call their runs {one.spec.workflow_id}"
            yield Problem(Place(one.id), "spec.workflowId", message)
