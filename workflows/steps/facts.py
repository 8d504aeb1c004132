"""Reading what an admission goes by."""

import asyncio

from temporalio import workflow

from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.ruling import evidence_wanted
from workflows.domain.calendar.reach import feeds_asked
from workflows.domain.people.identity import Proven
from workflows.domain.readiness.reviews import Reviews
from workflows.domain.readiness.runbooks import named_runbooks
from workflows.domain.release.order import ReleaseOrder
from workflows.ports.attestations import AttestationsPort, ReadAttestations
from workflows.ports.reviews import ReadReviews, ReviewsPort
from workflows.steps.calendar import read_calendar
from workflows.steps.call import call
from workflows.steps.risk_facts import gather_risk


async def gather(order: ReleaseOrder, trigger: Proven | None = None) -> Facts:
    """Read all that the rulings on *order* go by, each from where it is known.

    Who asked for it, *trigger*, was proven at its start: a token is of no use any more later.

    Raises:
        ReleaseError: something could not be read within the limits of its port.
    """
    attestations, reviews, calendar = await asyncio.gather(
        _attestations(order), _reviews(order), read_calendar(feeds_asked(order.catalog))
    )
    risk = await gather_risk(order, attestations)
    return Facts(
        at=workflow.now(),
        trigger=trigger,
        attestations=attestations,
        reviews=reviews,
        calendar=calendar,
        change=risk.change,
        on_call=risk.on_call,
        standing=risk.standing,
    )


async def _attestations(order: ReleaseOrder) -> tuple[Attestation, ...] | None:
    """The evidence about the builds of *order*; nothing is read where no criterion asks for it."""
    wanted = evidence_wanted(order)
    if wanted is None:
        return None
    ask = ReadAttestations(artifacts=wanted.artifacts, keys=wanted.keys)
    return (await call(AttestationsPort.read_attestations, ask)).attestations


async def _reviews(order: ReleaseOrder) -> Reviews | None:
    """What was said of the runbooks that *order* names; nothing is read where it names none."""
    if not (names := named_runbooks(order)):
        return None
    return await call(ReviewsPort.read_reviews, ReadReviews(runbooks=names))
