"""Reads the documents of one file, each as the kind that it says it is."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from starters.files.problems import FieldPath, Place, Problem, nearest
from starters.files.teaching import explain
from starters.files.written import Written, read_yaml
from workflows.domain.spec import (
    API_VERSION,
    KINDS,
    OPENSLO_VERSION,
    CatalogDocument,
    Release,
    Schedule,
    Sli,
    Slo,
)
from workflows.domain.values import FileName

NAME: FieldPath = ("metadata", "name")
VERSION: FieldPath = ("apiVersion",)
OPENSLO_KINDS = tuple(kind for kind, model in KINDS.items() if model in (Slo, Sli))


@dataclass(frozen=True)
class Document:
    """A document of a known kind as it is written; `model` is None if something is wrong with it.

    A broken one still counts as there, so that one mistake is not reported twice.
    """

    kind: str
    written: Written
    model: Release | Schedule | CatalogDocument | None

    @property
    def name(self) -> str | None:
        value = self.written.value
        metadata = value.get("metadata") if isinstance(value, dict) else None
        name = metadata.get("name") if isinstance(metadata, dict) else None
        return name if isinstance(name, str) else None

    @property
    def place(self) -> Place:
        """Where the document's name is written."""
        return self.written.place_of(NAME)

    @property
    def place_of_kind(self) -> Place:
        return self.written.place_of(("kind",))


@dataclass(frozen=True)
class Reading:
    """What files hold, and what is wrong with them."""

    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: Mapping[FileName, str] = field(default_factory=dict)
    """The texts of the files that the documents name."""
    warnings: tuple[Problem, ...] = ()
    """What can be meant as it is, and that its author should know."""

    def __add__(self, other: "Reading") -> "Reading":
        return Reading(
            self.documents + other.documents,
            self.problems + other.problems,
            {**self.files, **other.files},
            self.warnings + other.warnings,
        )

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """Every `(kind, name)` that there is."""
        return frozenset((d.kind, d.name) for d in self.documents if d.name is not None)


def read_documents(path: Path) -> Reading:
    """The documents of the file, and every problem of each by itself."""
    written, problems = read_yaml(path)
    return sum((_validate(one) for one in written), Reading(problems=tuple(problems)))


def twice(documents: Iterable[Document]) -> Iterator[Problem]:
    """Name the documents that share kind and name with an earlier one."""
    first: dict[tuple[str, str | None], Document] = {}
    for document in documents:
        earlier = first.setdefault((document.kind, document.name), document)
        if earlier is not document and document.name is not None:
            message = f"{document.kind} {document.name} is defined twice; first at {earlier.place}"
            yield Problem(document.place, "metadata.name", message)


def _validate(written: Written) -> Reading:
    value = written.value
    if not isinstance(value, dict):
        expected = "expected a document that begins with apiVersion and kind"
        return Reading(problems=(Problem(written.start, "", expected),))
    kind = value.get("kind")
    version = value.get("apiVersion")
    if not isinstance(kind, str) or kind not in KINDS:
        return Reading(problems=(_unknown_kind(written, kind, version),))
    if (problem := _wrong_version(written, kind, version)) is not None:
        return Reading((Document(kind, written, None),), (problem,))
    try:
        model = KINDS[kind].model_validate_json(
            json.dumps(value), strict=True, by_alias=True, by_name=False
        )
    except ValidationError as error:
        explained = (explain(kind, written, found) for found in error.errors(include_url=False))
        problems = tuple(problem for problem in explained if problem is not None)
        return Reading((Document(kind, written, None),), problems)
    return Reading((Document(kind, written, None if written.refused else model),))


def _wrong_version(written: Written, kind: str, version: object) -> Problem | None:
    """The one problem of a document that is another system's, or of another time."""
    expected = OPENSLO_VERSION if kind in OPENSLO_KINDS else API_VERSION
    if not isinstance(version, str) or version == expected:
        return None  # without one, it is missing as any other field is
    message = f'found "{version}"; expected {expected}'
    if version in (API_VERSION, OPENSLO_VERSION):
        message += f" for a document of kind {kind}"
    if version == OPENSLO_VERSION:
        message += f"; {_READ_OF_OPENSLO}"
    return Problem(written.place_of(VERSION), "apiVersion", message)


_READ_OF_OPENSLO = f"of OpenSLO, {' and '.join(OPENSLO_KINDS)} are read: take the others out"


def _unknown_kind(written: Written, kind: object, version: object) -> Problem:
    if version == OPENSLO_VERSION and kind is not None:
        message = f'found "{kind}"; {_READ_OF_OPENSLO}'
        return Problem(written.place_of(("kind",)), "kind", message)
    if kind is None:
        ours = ", ".join(kind for kind in KINDS if kind not in OPENSLO_KINDS)
        message = f"is missing; expected apiVersion: {API_VERSION} and one of {ours}"
        return Problem(written.start, "kind", message)
    message = f'found "{kind}"; {nearest(str(kind), KINDS)}'
    return Problem(written.place_of(("kind",)), "kind", message)
