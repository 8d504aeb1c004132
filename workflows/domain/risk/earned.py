"""Earned trust: what a pattern of changes has behind it, as a state machine without a clock.

A pattern earns its standing by clean runs of low risk, of which everything is known, and loses it
on one failure. From there no number of clean runs leads back: a person must have closed the
retrospective of the release that failed, and then it is earned anew, from nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from workflows.domain.release.phase import Phase
from workflows.domain.spec.risk import EarnedSpec
from workflows.domain.values import Value


class Ending(StrEnum):
    """What a release says of its pattern."""

    KEPT = "kept"
    FAILED = "failed"
    UNTRIED = "untried"
    """It touched nothing: refused, denied or given up before; it says nothing."""


_ENDINGS = {Phase.HEALTHY: Ending.KEPT, Phase.DENIED: Ending.UNTRIED}


def ending_of(phase: Phase, *, touched: bool) -> Ending:
    """How a release of *phase* ended; *touched* is whether anything was changed at all.

    Whatever was touched and did not stay has failed, whoever turned it back and why: a person
    who aborts saw something, too.
    """
    if phase in _ENDINGS:
        return _ENDINGS[phase]
    return Ending.FAILED if touched else Ending.UNTRIED


class Run(Value):
    """A release of the pattern that ended, as far as it bears on the pattern's standing.

    `low` is whether its score was low, and everything about it known; an emergency never counts
    as a clean run, since it did not go the way that the pattern would.
    """

    release: str
    at: AwareDatetime
    ending: Ending
    low: bool = False
    emergency: bool = False


class Closing(Value):
    """A person wrote down what was found of the release that had failed."""

    release: str
    at: AwareDatetime


class Trust(Value):
    """What a pattern has earned: clean runs by their ends, or the failure that is looked into."""

    clean: tuple[AwareDatetime, ...] = ()
    failed: str | None = None

    def runs(self, at: datetime, rule: EarnedSpec) -> int:
        """The clean runs that still count at *at*."""
        return sum(at - rule.within <= run <= at for run in self.clean)

    def earned(self, at: datetime, rule: EarnedSpec) -> bool:
        """Whether the pattern is standard at *at*."""
        return self.failed is None and self.runs(at, rule) >= rule.clean_runs


def after(trust: Trust, event: Run | Closing) -> Trust:
    """The trust in a pattern after one more thing that happened to it."""
    if isinstance(event, Closing):
        return Trust() if trust.failed == event.release else trust
    if event.ending is Ending.FAILED:
        return Trust(failed=event.release)
    counts = event.ending is Ending.KEPT and event.low and not event.emergency
    if trust.failed is not None or not counts:
        return trust
    return Trust(clean=(*trust.clean, event.at))


def trust_in(events: Iterable[Run | Closing]) -> Trust:
    """The trust in a pattern by all that happened to it, oldest first."""
    trust = Trust()
    for event in events:
        trust = after(trust, event)
    return trust
