"""The catalog: a folder of documents that say how and where releases may go, and who decides."""

from collections.abc import Iterator
from pathlib import Path

from starters.files.calendars import calendar_problems
from starters.files.created_from_lint import uncreatable_environments
from starters.files.documents import Reading, read_documents, twice
from starters.files.environment_lint import environment_findings
from starters.files.gate_lint import unkept_terms
from starters.files.named_files import read_named_files
from starters.files.problems import Place, Problem, shown
from starters.files.references import dangling, unmanned, unproved
from starters.files.rules_lint import misruled
from starters.files.signers_lint import keyless
from starters.files.stack_template import is_stack_template_file
from workflows.domain.errors import Refused
from workflows.domain.slo.compiled import compiled
from workflows.domain.spec import (
    AnalysisTemplate,
    Calendar,
    Catalog,
    ChangeWindow,
    Environment,
    EnvironmentTemplate,
    Journey,
    Person,
    Policy,
    RiskModel,
    Runbook,
    Service,
    Sli,
    Slo,
    Strategy,
)

FOLDER = "catalog"
ENDINGS = frozenset({".yaml", ".yml"})
_ELSEWHERE = {
    "Release": "put it in a file beside the folder",
    "Schedule": "put it in a folder of schedules, which `--schedules` names",
}


def find_catalog(release_file: Path) -> Path | None:
    """The folder `catalog` beside *release_file*, or beside the folder that it is in."""
    folder = release_file.absolute().parent
    places = (folder / FOLDER, folder.parent / FOLDER)
    return next((place for place in places if place.is_dir()), None)


def yaml_files(folder: Path) -> list[Path]:
    """The YAML files directly in *folder*, by name, without templates of CloudFormation."""
    found = (f for f in folder.iterdir() if f.suffix in ENDINGS and f.is_file())
    return sorted(f for f in found if not is_stack_template_file(f))


def read_catalog(folder: Path) -> Reading:
    """Every document of the folder, and every problem: also those between its documents."""
    try:
        files = yaml_files(folder)
    except OSError as error:
        message = f"the catalog cannot be read: {error.strerror}"
        return Reading(problems=(Problem(Place(shown(folder)), "", message),))
    if not files:
        message = "the catalog holds no .yaml files; `lockgate init` writes an example"
        return Reading(problems=(Problem(Place(shown(folder)), "", message),))
    read = sum((read_documents(file) for file in files), Reading())
    read += read_named_files(read.documents, folder)
    read += Reading(problems=tuple(calendar_problems(read, folder)))
    read += environment_findings(read, folder)
    return read + Reading(problems=(*_between(read), *misruled(read, folder)))


def catalog_of(reading: Reading) -> Catalog:
    """The documents as the domain reads them."""
    models = [document.model for document in reading.documents]
    return Catalog(
        services={m.metadata.name: m.spec for m in models if isinstance(m, Service)},
        environments={m.metadata.name: m.spec for m in models if isinstance(m, Environment)},
        environment_templates={
            m.metadata.name: m.spec for m in models if isinstance(m, EnvironmentTemplate)
        },
        strategies={m.metadata.name: m.spec for m in models if isinstance(m, Strategy)},
        analysis_templates={
            m.metadata.name: m.spec for m in models if isinstance(m, AnalysisTemplate)
        },
        journeys={m.metadata.name: m.spec for m in models if isinstance(m, Journey)},
        policies={m.metadata.name: m.spec for m in models if isinstance(m, Policy)},
        people={m.metadata.name: m.spec for m in models if isinstance(m, Person)},
        runbooks={m.metadata.name: m.spec for m in models if isinstance(m, Runbook)},
        slos={m.metadata.name: m for m in models if isinstance(m, Slo)},
        slis={m.metadata.name: m for m in models if isinstance(m, Sli)},
        change_windows={m.metadata.name: m.spec for m in models if isinstance(m, ChangeWindow)},
        calendars={m.metadata.name: m.spec for m in models if isinstance(m, Calendar)},
        risk_models={m.metadata.name: m.spec for m in models if isinstance(m, RiskModel)},
        files=dict(reading.files),
    )


def _between(read: Reading) -> Iterator[Problem]:
    yield from twice(read.documents)
    yield from unmanned(read.documents)
    yield from unproved(read.documents)
    yield from unkept_terms(read.documents)
    yield from _unkept(read)
    yield from _rivals(read)
    yield from keyless(read)
    yield from uncreatable_environments(read)
    for document in read.documents:
        yield from dangling(document, read.names)
        if document.kind in _ELSEWHERE:
            message = (
                f"a {document.kind} does not belong in the catalog; {_ELSEWHERE[document.kind]}"
            )
            yield Problem(document.place_of_kind, "kind", message)


def _unkept(read: Reading) -> Iterator[Problem]:
    """Objectives that no release could keep; one without its indicator is named as dangling."""
    indicators = catalog_of(read).slis
    for document in read.documents:
        if isinstance(slo := document.model, Slo):
            reference = slo.spec.indicator_ref
            if reference is not None and reference not in indicators:
                continue
            try:
                compiled(slo, indicators)
            except Refused as refused:
                yield Problem(document.place, "spec", str(refused))


def _rivals(read: Reading) -> Iterator[Problem]:
    """Of two models nobody could say which one counts."""
    models = [document for document in read.documents if document.kind == "RiskModel"]
    for document in models[1:]:
        message = f"a catalog has one RiskModel; the first is {models[0].name}"
        yield Problem(document.place_of_kind, "kind", f"{message} at {models[0].place}")
