"""in-toto statements, and the envelopes that they are signed in: what they say, by their type."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from pydantic import BaseModel, Field, JsonValue

from activities.attestations.readers.materials import (
    read_cyclonedx,
    read_spdx,
    read_spdx_graph,
)
from activities.attestations.readers.moments import moment
from activities.attestations.readers.provenance import read_provenance
from activities.attestations.readers.reports import read_benchmark, read_rehearsal, read_sign_off
from activities.attestations.readers.suites import read_test_result
from activities.attestations.readers.unreadable import Unreadable, parsed
from workflows.domain.attestations import statement as types
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.figures import (
    DecisionFigures,
)
from workflows.domain.attestations.statement import Statement
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.canonical import canonical
from workflows.domain.values import Digest, digest_of

Read: TypeAlias = Callable[[JsonValue, Digest], Reading]

MOST_CHARACTERS = 16 * 1024 * 1024


class Report(BaseModel):
    """The predicate of a signed file of another format."""

    content: str = Field(min_length=1, max_length=MOST_CHARACTERS)


class _Verifier(BaseModel):
    id: str


class _Verification(BaseModel):
    verifier: _Verifier
    created: str = Field(alias="timeCreated")
    properties: list[str] = Field(max_length=100)


class _Denial(BaseModel):
    verifier: _Verifier
    created: str = Field(alias="timeCreated")


def read_statement(statement: Statement) -> Reading:
    """What the predicate says about the statement's subjects.

    Raises:
        Unreadable: a predicate type that is not known, or a predicate that is not of its type.
    """
    read = _BY_TYPE.get(statement.predicate_type)
    if read is None:
        raise Unreadable(
            f"predicateType {statement.predicate_type[:200]!r} is none that is read here; known "
            f"are {', '.join(_BY_TYPE)} and {types.REPORT}"
        )
    seed = digest_of(canonical(statement.predicate))
    return about(read(statement.predicate, seed), statement)


def about(reading: Reading, statement: Statement) -> Reading:
    """*reading* as a word on the statement's subjects.

    Raises:
        Unreadable: the predicate names other builds than the statement does.
    """
    if reading.artifacts and set(reading.artifacts).isdisjoint(statement.subjects):
        raise Unreadable(
            f"the predicate is about {reading.artifacts[0]}, which is no subject of the statement"
        )
    return reading.model_copy(update={"artifacts": statement.subjects})


def _verification(predicate: JsonValue, _seed: Digest) -> Reading:
    found = parsed(_Verification, predicate, "verification result")
    return _decision(
        found.verifier, found.created, allowed=True, properties=tuple(found.properties)
    )


def _denial(predicate: JsonValue, _seed: Digest) -> Reading:
    found = parsed(_Denial, predicate, "denial")
    return _decision(found.verifier, found.created, allowed=False, properties=())


def _decision(
    verifier: _Verifier, created: str, *, allowed: bool, properties: tuple[str, ...]
) -> Reading:
    return Reading(
        type=EvidenceType.DECISION,
        produced_at=moment(created),
        figures=DecisionFigures(
            allowed=allowed,
            verifier=verifier.id[:200],
            properties=tuple(each[:200] for each in properties),
        ),
    )


_BY_TYPE: Mapping[str, Read] = MappingProxyType(
    {
        types.PROVENANCE: lambda predicate, _: read_provenance(predicate),
        types.TEST_RESULT: lambda predicate, _: read_test_result(predicate),
        types.CYCLONEDX: lambda predicate, _: read_cyclonedx(predicate),
        types.SPDX: lambda predicate, _: (
            read_spdx_graph(predicate)
            if isinstance(predicate, dict) and "@graph" in predicate
            else read_spdx(predicate)
        ),
        types.BENCHMARK: lambda predicate, seed: read_benchmark(predicate, seed=seed),
        types.REHEARSAL: lambda predicate, _: read_rehearsal(predicate),
        types.SIGN_OFF: lambda predicate, _: read_sign_off(predicate),
        types.VERIFICATION: _verification,
        types.DENIAL: _denial,
    }
)
