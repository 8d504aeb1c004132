"""A release file and its catalog: checked as a whole, then handed on as an order."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from starters.files.catalog import FOLDER, catalog_of, find_catalog, read_catalog
from starters.files.documents import Document, Reading, read_documents
from starters.files.named_files import read_named_files
from starters.files.problems import FilesRefused, Place, Problem, shown
from starters.files.references import dangling, disordered
from workflows.domain.admission.admission import admit
from workflows.domain.canonical import canonical, content_digest
from workflows.domain.release.needs import needed
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.spec import Release

LARGEST_ORDER = 1024 * 1024
"""Bytes of release and catalog together; Temporal refuses an input of 2 MiB."""


@dataclass(frozen=True)
class _Files:
    release: Reading
    catalog: Reading

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.release.problems + self.catalog.problems


def load_order(path: Path, *, catalog_dir: Path | None = None, requested_by: str) -> ReleaseOrder:
    """Read a release file and what it needs of its catalog, as an order that would be admitted.

    The catalog is *catalog_dir*, or else the folder `catalog` beside the file or beside its
    folder.

    Raises:
        FilesRefused: with every problem of the file and of its catalog.
        PolicyViolated: the files are in order, but this person cannot start this release:
            a gate would need their own vote.
    """
    files = _read(path, catalog_dir)
    if files.problems:
        raise FilesRefused(files.problems)
    (document,) = _releases(files.release)
    order = _order(document, files.catalog, requested_by)
    size = len(canonical(order.model_dump(mode="json")).encode())
    if size > LARGEST_ORDER:
        most = LARGEST_ORDER // 1024
        message = f"with its catalog is {size // 1024} KiB; expected at most {most}: split it"
        raise FilesRefused([Problem(Place(shown(path)), "", message)])
    admit(order)
    return order


def lint_release(path: Path, *, catalog_dir: Path | None = None) -> tuple[Problem, ...]:
    """Every problem of a release file and of its catalog; empty if a release may be made of it."""
    return _read(path, catalog_dir).problems


def read_release(path: Path, *, catalog_dir: Path | None = None) -> Reading:
    """A release file with its catalog, and all that there is to say of both."""
    files = _read(path, catalog_dir)
    return files.release + files.catalog


def _read(path: Path, catalog_dir: Path | None) -> _Files:
    release = read_documents(path)
    release += Reading(problems=tuple(_only_one(path, release)))
    folder = catalog_dir or find_catalog(path)
    if folder is None:
        message = (
            f"no catalog: expected a folder {FOLDER} beside this file or beside its folder, "
            "or --catalog FOLDER; `lockgate init` writes an example"
        )
        return _Files(
            release + Reading(problems=(Problem(Place(shown(path)), "", message),)), Reading()
        )
    catalog = read_catalog(folder)
    catalog += read_named_files(_releases(release), folder)
    between = (
        problem
        for document in _releases(release)
        for problem in (*dangling(document, catalog.names), *disordered(document))
    )
    return _Files(release + Reading(problems=tuple(between)), catalog)


def _releases(reading: Reading) -> list[Document]:
    return [document for document in reading.documents if document.kind == "Release"]


def _only_one(path: Path, reading: Reading) -> Iterator[Problem]:
    """A release file holds one Release: what else may be written is for the catalog to say."""
    for document in reading.documents:
        if document.kind != "Release":
            message = f"a {document.kind} belongs in the catalog, not in a release file"
            yield Problem(document.place_of_kind, "kind", message)
    releases = _releases(reading)
    for document in releases[1:]:
        message = "a second Release; write one a file, so that each has its own history"
        yield Problem(document.place_of_kind, "kind", message)
    if not releases and not reading.problems:
        message = "holds no Release; expected one document of that kind"
        yield Problem(Place(shown(path)), "", message)


def _order(document: Document, catalog: Reading, requested_by: str) -> ReleaseOrder:
    model = cast("Release", document.model)
    manifest = cast("dict[str, JsonValue]", document.written.value)
    # What is left unset stays out: a worker that is a version behind may not know a new default.
    part: dict[str, JsonValue] = needed(model.spec, catalog_of(catalog)).model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_unset=True
    )
    return ReleaseOrder(
        name=model.metadata.name,
        release=manifest,
        catalog=part,
        manifest_digest=content_digest(manifest),
        catalog_digest=content_digest(part),
        requested_by=requested_by,
    )
