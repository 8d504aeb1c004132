"""How long an environment's part of a release takes, from its plan."""

from collections.abc import Iterator
from datetime import timedelta

from workflows.domain.release.plan import Analysis, LadderStep, Promotion, Stage

STEP = timedelta(seconds=30)
"""What a step costs that waits for nothing: one ask, read back."""

INSTALL = timedelta(minutes=5)
"""What copying a build, installing it and verifying it costs, beside the steps."""


def stage_length(stage: Stage) -> timedelta:
    """All promotions of the stage, one after the other, as they are made."""
    return sum((promotion_length(promotion) for promotion in stage.promotions), timedelta(0))


def promotion_length(promotion: Promotion, *, after: int = 0) -> timedelta:
    """What is left of the promotion after its first *after* steps.

    A pause that waits for a person counts as nothing: nobody knows how long it takes.
    """
    left = promotion.steps[after:]
    steps = sum((_step(step) for step in left), timedelta(0))
    return steps if after else steps + INSTALL


def unknown_waits(stage: Stage) -> Iterator[str]:
    """The steps that wait for a person, and are counted as nothing."""
    for promotion in stage.promotions:
        for number, step in enumerate(promotion.steps, start=1):
            if step.until_promoted:
                yield f"{promotion.target} step {number}: {step}"


def _step(step: LadderStep) -> timedelta:
    if step.analysis is not None:
        return STEP + _analysis(step.analysis)
    if step.bake is not None:
        return STEP + step.bake.duration
    return STEP + (step.pause or timedelta(0))


def _analysis(analysis: Analysis) -> timedelta:
    """As long as it may take: what the traffic asks for is known only once it is measured."""
    if analysis.duration is not None:
        return analysis.duration
    return analysis.at_most or timedelta(seconds=analysis.judge.horizon)
