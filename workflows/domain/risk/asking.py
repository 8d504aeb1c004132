"""What has to be read for the risk of a release: which commits, and which pagers."""

from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.canonical import canonical
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.spec import Catalog, OnCallSpec, Release, ReleaseSpec
from workflows.domain.values import Digest, Provider, Value


class SourceAsk(Value):
    """The commits of one service; `coverage` is the digest of the report attested to its build."""

    service: str
    repository: Provider
    base: str
    head: str
    coverage: Digest | None = None


class PagerAsk(Value):
    """The pager of one service, and what it calls the service and the schedule."""

    service: str
    pager: Provider
    known_as: str
    schedule: str | None = None
    time_zone: str = "UTC"


class Documents(Value):
    """What an order carries, as far as risk is concerned."""

    release: ReleaseSpec
    catalog: Catalog

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(service.name for service in self.release.services)


def documents_of(order: ReleaseOrder) -> Documents | None:
    """The documents of *order*; None where they are not in order: admission says what is wrong."""
    try:
        release = Release.model_validate_json(canonical(order.release), strict=True)
        catalog = Catalog.model_validate_json(canonical(order.catalog), strict=True)
    except (ValidationError, ValueError):
        return None
    known = {service.name for service in release.spec.services} <= catalog.services.keys()
    stops = {stop.name for stop in release.spec.environments} <= catalog.environments.keys()
    return Documents(release=release.spec, catalog=catalog) if known and stops else None


def builds_with_source(release: ReleaseSpec) -> tuple[Digest, ...]:
    """The builds of which it matters how much of their change was tested, each once."""
    told = (service.artifact.digest for service in release.services if service.source is not None)
    return tuple(dict.fromkeys(told))


def reports_in(attestations: Iterable[Attestation]) -> dict[Digest, Digest]:
    """The newest report of coverage about each build; one that a trusted key signed comes first.

    So nobody who may add evidence, but not sign it, replaces what a pipeline has signed.
    """
    believed = [a for a in attestations if a.type is EvidenceType.COVERAGE and not a.flaw]
    believed.sort(key=lambda one: (bool(one.keys), one.at, one.digest))
    return {one.artifact: one.digest for one in believed}


def sources_of(
    release: ReleaseSpec, catalog: Catalog, reports: Mapping[Digest, Digest]
) -> tuple[SourceAsk, ...]:
    """The commits to read; *reports* are the coverage reports by the build they are about."""
    asks = []
    for service in release.services:
        spec = catalog.services.get(service.name)
        if service.source is None or spec is None or spec.repository is None:
            continue
        asks.append(
            SourceAsk(
                service=service.name,
                repository=spec.repository,
                base=service.source.base,
                head=service.source.head,
                coverage=reports.get(service.artifact.digest),
            )
        )
    return tuple(asks)


def pagers_of(release: ReleaseSpec, catalog: Catalog) -> tuple[PagerAsk, ...]:
    """The pagers to ask, in the order of the services."""
    asks = []
    for service in release.services:
        spec = catalog.services.get(service.name)
        if spec is not None and spec.on_call is not None:
            asks.append(_pager(service.name, spec.on_call))
    return tuple(asks)


def _pager(service: str, told: OnCallSpec) -> PagerAsk:
    return PagerAsk(
        service=service,
        pager=Provider(type=told.type, connection=told.connection),
        known_as=told.service or service,
        schedule=told.schedule,
        time_zone=told.time_zone,
    )
