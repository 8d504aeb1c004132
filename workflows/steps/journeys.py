"""Trying what customers do, on the canary and on the version beside it."""

from workflows.domain.canary.verdict import Word
from workflows.domain.errors import CanaryUnhealthy, Refused
from workflows.domain.journeys.plan import JourneyPlan, Synthetic
from workflows.domain.journeys.report import JourneyReport
from workflows.ports.journeys import JourneysPort, RunJourney
from workflows.steps.ascent import Ascent
from workflows.steps.call import call
from workflows.steps.fanout import every


async def synthesize(ascent: Ascent, step: Synthetic) -> None:
    """Try each journey once now, and leave them to be repeated where the step says so.

    Raises:
        CanaryUnhealthy: a journey fails on the canary and passes on the version beside it.
    """
    await try_all(ascent, step.journeys)
    if step.every is not None:
        ascent.repeats = step


async def try_all(ascent: Ascent, journeys: tuple[JourneyPlan, ...]) -> None:
    """Try *journeys* together; what could not be tried, or fails on both, proves nothing.

    Raises:
        CanaryUnhealthy: a journey fails on the canary and passes on the version beside it.
    """
    reports = await every(_try(ascent, journey) for journey in journeys)
    for report in reports:
        if report.word is Word.FAIL:
            raise CanaryUnhealthy(f"{ascent.target}: journey {report.journey}: {report.reason}")
        if report.word is not Word.PASS:
            await ascent.tale.tell(doing=f"journey {report.journey}: {report.reason}")


async def _try(ascent: Ascent, journey: JourneyPlan) -> JourneyReport:
    entrance, header = ascent.promotion.systems.journeys, ascent.header
    if entrance is None or header is None:
        raise Refused(f"{ascent.target}: {journey} has no entrance, or no route to the canary")
    return await call(
        JourneysPort.run_journey,
        RunJourney(
            target=ascent.target,
            entrance=entrance,
            journey=journey,
            header=header,
            canary_version=ascent.promotion.artifact.version,
        ),
        trail=ascent.tale.trail,
    )
