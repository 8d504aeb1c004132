"""Bills of materials: CycloneDX with its vulnerabilities, and SPDX, as JSON."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal, TypeAlias

from pydantic import BaseModel, Field, JsonValue

from activities.attestations.readers.moments import latest, moment
from activities.attestations.readers.unreadable import Unreadable, parsed
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.figures import (
    MaterialFigures,
    VulnerabilityCount,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.values import Digest

Severity: TypeAlias = Literal["unknown", "none", "info", "low", "medium", "high", "critical"]
_SEVERITIES: tuple[Severity, ...] = (
    "none",
    "info",
    "low",
    "medium",
    "high",
    "critical",
    "unknown",
)
_MOST_KINDS = 60


class _Hash(BaseModel):
    algorithm: str = Field(alias="alg")
    content: str


class _Component(BaseModel):
    hashes: list[_Hash] = []


class _Metadata(BaseModel):
    timestamp: str | None = None
    component: _Component = _Component()


class _Rating(BaseModel):
    severity: Severity = "unknown"


class _Analysis(BaseModel):
    state: str = Field(default="unstated", max_length=200)


class _Vulnerability(BaseModel):
    ratings: list[_Rating] = []
    analysis: _Analysis = _Analysis()


class _Bill(BaseModel):
    spec_version: str = Field(alias="specVersion", max_length=20)
    metadata: _Metadata = _Metadata()
    components: list[dict[str, JsonValue]] = []
    vulnerabilities: list[_Vulnerability] | None = None


def read_cyclonedx(document: JsonValue) -> Reading:
    """Components however deep they are listed; vulnerabilities by their worst rating.

    Raises:
        Unreadable: not CycloneDX in JSON.
    """
    bill = parsed(_Bill, document, "CycloneDX")
    return Reading(
        type=EvidenceType.SBOM,
        produced_at=moment(bill.metadata.timestamp),
        artifacts=tuple(_named(bill.metadata.component.hashes)),
        figures=MaterialFigures(
            format="cyclonedx",
            components=sum(1 for _ in _components(bill.components)),
            vulnerabilities=None
            if bill.vulnerabilities is None
            else _counted(bill.vulnerabilities),
        ),
    )


def _components(listed: list[dict[str, JsonValue]]) -> Iterator[dict[str, JsonValue]]:
    ahead = list(listed)
    while ahead:
        component = ahead.pop()
        yield component
        inner = component.get("components")
        if isinstance(inner, list):
            ahead += [each for each in inner if isinstance(each, dict)]


def _counted(vulnerabilities: list[_Vulnerability]) -> tuple[VulnerabilityCount, ...]:
    counts = Counter((_worst(each), each.analysis.state) for each in vulnerabilities)
    if len(counts) > _MOST_KINDS:
        raise Unreadable("CycloneDX: vulnerabilities: more states of analysis than there are")
    return tuple(
        VulnerabilityCount(severity=severity, state=state, count=count)
        for (severity, state), count in sorted(counts.items())
    )


def _worst(vulnerability: _Vulnerability) -> Severity:
    rated = [each.severity for each in vulnerability.ratings] or ["unknown"]
    return max(rated, key=_SEVERITIES.index)


def _named(hashes: list[_Hash]) -> Iterator[Digest]:
    for each in hashes:
        content = each.content.lower()
        if each.algorithm == "SHA-256" and len(content) == 64 and content.isalnum():
            yield f"sha256:{content}"


class _Checksum(BaseModel):
    algorithm: str
    value: str = Field(alias="checksumValue")


class _Package(BaseModel):
    id: str = Field(alias="SPDXID")
    checksums: list[_Checksum] = []


class _Creation(BaseModel):
    created: str


class _Relation(BaseModel):
    kind: str = Field(alias="relationshipType")
    to: str = Field(alias="relatedSpdxElement")


class _Document(BaseModel):
    creation: _Creation = Field(alias="creationInfo")
    packages: list[_Package] = []
    relationships: list[_Relation] = []
    describes: list[str] = Field(default=[], alias="documentDescribes")


def read_spdx(document: JsonValue) -> Reading:
    """SPDX 2.2 and 2.3; it knows no vulnerabilities.

    Raises:
        Unreadable: not SPDX 2 in JSON.
    """
    found = parsed(_Document, document, "SPDX")
    described = {*found.describes, *(r.to for r in found.relationships if r.kind == "DESCRIBES")}
    hashes = [
        _Hash(alg=checksum.algorithm.replace("SHA256", "SHA-256"), content=checksum.value)
        for package in found.packages
        if package.id in described
        for checksum in package.checksums
    ]
    return Reading(
        type=EvidenceType.SBOM,
        produced_at=moment(found.creation.created),
        artifacts=tuple(_named(hashes))[:10],
        figures=MaterialFigures(
            format="spdx", components=sum(1 for p in found.packages if p.id not in described)
        ),
    )


class _Element(BaseModel):
    type: str = ""
    created: str | None = None


class _Graph(BaseModel):
    elements: list[_Element] = Field(alias="@graph")


def read_spdx_graph(document: JsonValue) -> Reading:
    """SPDX 3: a graph of elements, whose packages are counted.

    Raises:
        Unreadable: not SPDX 3 in JSON-LD.
    """
    elements = parsed(_Graph, document, "SPDX 3").elements
    return Reading(
        type=EvidenceType.SBOM,
        produced_at=latest(moment(each.created) for each in elements),
        figures=MaterialFigures(
            format="spdx", components=sum(1 for e in elements if e.type == "software_Package")
        ),
    )
