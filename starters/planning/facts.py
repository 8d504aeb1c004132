"""The facts that a release would be ruled on by, read before its start."""

import asyncio
from datetime import UTC, datetime

from temporalio.client import Client

from starters.asking import asked
from starters.failures import NobodyAnswers
from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.ruling import evidence_wanted
from workflows.domain.errors import ReleaseError
from workflows.domain.names import release_id
from workflows.domain.readiness.reviews import Reviews
from workflows.domain.readiness.runbooks import named_runbooks
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.risk.asking import (
    Documents,
    builds_with_source,
    documents_of,
    pagers_of,
    reports_in,
    sources_of,
)
from workflows.domain.risk.facts import ChangeFacts, OnCallFacts, Standing, Unknown
from workflows.domain.risk.pattern import pattern_of
from workflows.domain.values import Digest
from workflows.ports.attestations import AttestationsPort, ReadAttestations
from workflows.ports.outcomes import OutcomesPort, ReadStanding
from workflows.ports.releases import FindUnderWay, ReleasesPort
from workflows.ports.reviews import ReadReviews, ReviewsPort
from workflows.ports.sources import ReadChange, ReadOnCall, SourcesPort


async def read_facts(client: Client, order: ReleaseOrder) -> Facts:
    """What the class and the risk of *order* go by now, each asked of the worker that knows it.

    What cannot be read is absent, or named as unknown with the reason, as it is for the release.
    """
    at = datetime.now(UTC)
    documents = documents_of(order)
    if documents is None:
        return Facts(at=at)
    about = release_id(order.name, order.manifest_digest)
    attestations, reviews = await asyncio.gather(
        _attestations(client, order, documents, about), _reviews(client, order, about)
    )
    reports = reports_in(attestations or ())
    change, on_call = await asyncio.gather(
        _change(client, documents, reports, about), _on_call(client, documents, about, at)
    )
    return Facts(
        at=at,
        attestations=attestations,
        reviews=reviews,
        change=change,
        on_call=on_call,
        standing=await _standing(client, documents, change, about, at),
    )


async def _change(
    client: Client, documents: Documents, reports: dict[Digest, Digest], about: str
) -> ChangeFacts:
    sources = sources_of(documents.release, documents.catalog, reports)
    if not sources:
        return ChangeFacts()
    try:
        ask = ReadChange(sources=sources)
        return await asked(client, SourcesPort.read_change, ask, about=f"{about}/change")
    except (ReleaseError, NobodyAnswers) as error:
        return ChangeFacts(unknown=tuple(_unknown(one.service, error) for one in sources))


async def _attestations(
    client: Client, order: ReleaseOrder, documents: Documents, about: str
) -> tuple[Attestation, ...] | None:
    """The evidence about the builds; None where nobody asks for any, or nobody answers."""
    wanted, builds = evidence_wanted(order), builds_with_source(documents.release)
    if wanted is not None:
        ask = ReadAttestations(artifacts=wanted.artifacts, keys=wanted.keys)
    elif builds:
        ask = ReadAttestations(artifacts=builds)
    else:
        return None
    try:
        method = AttestationsPort.read_attestations
        return (await asked(client, method, ask, about=f"{about}/evidence")).attestations
    except (ReleaseError, NobodyAnswers):
        return None


async def _reviews(client: Client, order: ReleaseOrder, about: str) -> Reviews | None:
    """What was said of the runbooks; None where none is named, or nobody answers."""
    if not (names := named_runbooks(order)):
        return None
    try:
        ask = ReadReviews(runbooks=names)
        return await asked(client, ReviewsPort.read_reviews, ask, about=f"{about}/reviews")
    except (ReleaseError, NobodyAnswers):
        return None


async def _on_call(client: Client, documents: Documents, about: str, at: datetime) -> OnCallFacts:
    pagers = pagers_of(documents.release, documents.catalog)
    if not pagers:
        return OnCallFacts()
    try:
        ask = ReadOnCall(pagers=pagers, at=at)
        return await asked(client, SourcesPort.read_on_call, ask, about=f"{about}/on-call")
    except (ReleaseError, NobodyAnswers) as error:
        return OnCallFacts(unknown=tuple(_unknown(one.service, error) for one in pagers))


async def _standing(
    client: Client, documents: Documents, change: ChangeFacts, about: str, at: datetime
) -> Standing | None:
    """What the ledger knows; None where nobody answers for it."""
    ask = ReadStanding(
        pattern=pattern_of(documents.release, documents.catalog, change).digest,
        services=documents.services,
        model=documents.catalog.risk_model,
        at=at,
    )
    stops = tuple(stop.name for stop in documents.release.environments)
    beside = FindUnderWay(environments=stops, besides=about)
    try:
        standing = await asked(client, OutcomesPort.read_standing, ask, about=f"{about}/standing")
        method = ReleasesPort.find_under_way
        under_way = await asked(client, method, beside, about=f"{about}/under-way")
    except (ReleaseError, NobodyAnswers):
        return None
    return standing.model_copy(update={"concurrent": under_way.releases})


def _unknown(service: str, error: Exception) -> Unknown:
    return Unknown(what=service, why=str(error)[:500])
