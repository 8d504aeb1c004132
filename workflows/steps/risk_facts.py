"""Reading what the class and the risk of a release go by."""

import asyncio

from temporalio import workflow

from workflows.domain.attestations.attestation import Attestation
from workflows.domain.errors import ReleaseError
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.risk.asking import (
    Documents,
    PagerAsk,
    SourceAsk,
    builds_with_source,
    documents_of,
    pagers_of,
    reports_in,
    sources_of,
)
from workflows.domain.risk.facts import ChangeFacts, OnCallFacts, Standing, Unknown
from workflows.domain.risk.pattern import pattern_of
from workflows.domain.values import Digest, Value
from workflows.ports.attestations import AttestationsPort, ReadAttestations
from workflows.ports.outcomes import OutcomesPort, ReadStanding
from workflows.ports.releases import FindUnderWay, ReleasesPort
from workflows.ports.sources import ReadChange, ReadOnCall, SourcesPort
from workflows.steps.call import call


class RiskFacts(Value):
    """The part of the facts that the class and the risk go by."""

    change: ChangeFacts | None = None
    on_call: OnCallFacts | None = None
    standing: Standing | None = None


async def gather_risk(
    order: ReleaseOrder, attestations: tuple[Attestation, ...] | None
) -> RiskFacts:
    """Read commits and pages, and what the ledger knows; *attestations* are what was read before.

    What a repository or pager does not tell in time is unknown, and counts as the worst; the
    release does not fail for it.

    Raises:
        Unavailable: the ledger or Temporal could not be asked.
    """
    if (documents := documents_of(order)) is None:
        return RiskFacts()
    reports = await _reports(documents, attestations)
    sources = sources_of(documents.release, documents.catalog, reports)
    pagers = pagers_of(documents.release, documents.catalog)
    change, on_call = await asyncio.gather(_change(sources), _on_call(pagers))
    standing = await _standing(documents, change)
    return RiskFacts(change=change, on_call=on_call, standing=standing)


async def _reports(
    documents: Documents, attestations: tuple[Attestation, ...] | None
) -> dict[Digest, Digest]:
    """The report of coverage about each build; asked for where no criterion asked for evidence."""
    builds = builds_with_source(documents.release)
    if not builds:
        return {}
    if attestations is None:
        ask = ReadAttestations(artifacts=builds)
        try:
            attestations = (await call(AttestationsPort.read_attestations, ask)).attestations
        except ReleaseError:
            return {}  # unknown coverage counts as none
    return reports_in(attestations)


async def _change(sources: tuple[SourceAsk, ...]) -> ChangeFacts:
    if not sources:
        return ChangeFacts()
    try:
        return await call(SourcesPort.read_change, ReadChange(sources=sources))
    except ReleaseError as error:
        return ChangeFacts(unknown=tuple(_unknown(one.service, error) for one in sources))


async def _on_call(pagers: tuple[PagerAsk, ...]) -> OnCallFacts:
    if not pagers:
        return OnCallFacts()
    try:
        return await call(SourcesPort.read_on_call, ReadOnCall(pagers=pagers, at=workflow.now()))
    except ReleaseError as error:
        return OnCallFacts(unknown=tuple(_unknown(one.service, error) for one in pagers))


async def _standing(documents: Documents, change: ChangeFacts) -> Standing:
    ask = ReadStanding(
        pattern=pattern_of(documents.release, documents.catalog, change).digest,
        services=documents.services,
        model=documents.catalog.risk_model,
        at=workflow.now(),
    )
    beside = FindUnderWay(
        environments=tuple(stop.name for stop in documents.release.environments),
        besides=workflow.info().workflow_id,
    )
    standing = await call(OutcomesPort.read_standing, ask)
    under_way = await call(ReleasesPort.find_under_way, beside)
    return standing.model_copy(update={"concurrent": under_way.releases})


def _unknown(service: str, error: ReleaseError) -> Unknown:
    return Unknown(what=service, why=str(error)[:500])
