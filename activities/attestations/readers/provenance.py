"""SLSA provenance v1: who built something, how, from what, and with which parameters."""

import json
import re
from collections.abc import Iterator

from pydantic import BaseModel, Field, JsonValue

from activities.attestations.readers.moments import moment
from activities.attestations.readers.unreadable import Unreadable, parsed
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.figures import (
    ProvenanceFigures,
)
from workflows.domain.attestations.types import EvidenceType

_MOST_PARAMETERS = 50
_LONGEST = 500
_DEEPEST = 20
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class _Dependency(BaseModel):
    uri: str = ""
    digest: dict[str, str] = {}


class _Definition(BaseModel):
    build_type: str = Field(alias="buildType", max_length=_LONGEST)
    parameters: dict[str, JsonValue] = Field(alias="externalParameters")
    dependencies: list[_Dependency] = Field(default=[], alias="resolvedDependencies")


class _Builder(BaseModel):
    id: str = Field(max_length=_LONGEST)


class _Metadata(BaseModel):
    finished_on: str | None = Field(default=None, alias="finishedOn")


class _Details(BaseModel):
    builder: _Builder
    metadata: _Metadata = _Metadata()


class _Provenance(BaseModel):
    definition: _Definition = Field(alias="buildDefinition")
    details: _Details = Field(alias="runDetails")


def read_provenance(predicate: JsonValue) -> Reading:
    """See https://slsa.dev/provenance/v1. Dependencies without an address say nothing.

    Raises:
        Unreadable: a part is missing, or it has more parameters than a person could expect.
    """
    found = parsed(_Provenance, predicate, "SLSA provenance")
    sources = (each.uri for each in found.definition.dependencies if 0 < len(each.uri) <= _LONGEST)
    return Reading(
        type=EvidenceType.PROVENANCE,
        produced_at=moment(found.details.metadata.finished_on),
        figures=ProvenanceFigures(
            builder_id=found.details.builder.id,
            build_type=found.definition.build_type,
            parameters=_flat(found.definition.parameters),
            sources=tuple(dict.fromkeys(sources))[:_MOST_PARAMETERS],
            commits=tuple(dict.fromkeys(_commits(found)))[:_MOST_PARAMETERS],
        ),
    )


def _commits(found: _Provenance) -> Iterator[str]:
    """The commits that were built, by either name that the digest of one goes by."""
    for each in found.definition.dependencies:
        for name in ("gitCommit", "sha1"):
            commit = each.digest.get(name, "").lower()
            if each.uri.startswith("git+") and _COMMIT.fullmatch(commit):
                yield commit


def _flat(parameters: dict[str, JsonValue]) -> dict[str, str]:
    """Each value by its path, such as `workflow.ref`; a dot within a name has a backslash."""
    flat: dict[str, str] = {}
    for path, value in _leaves(parameters, ()):
        name = ".".join(part.replace("\\", "\\\\").replace(".", "\\.") for part in path)
        flat[name] = value
        if len(flat) > _MOST_PARAMETERS or len(name) > 200 or len(value) > _LONGEST:
            raise Unreadable(
                f"SLSA provenance: externalParameters: at most {_MOST_PARAMETERS} values of at "
                f"most {_LONGEST} characters are read, found more at {name[:200]!r}"
            )
    return flat


def _leaves(value: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if len(path) > _DEEPEST:
        raise Unreadable("SLSA provenance: externalParameters: nested too deep")
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, str):
        yield path, value
    elif value != {} or path:
        yield path, json.dumps(value, sort_keys=True)
