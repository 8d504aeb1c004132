"""What each gate costs and what it catches: from the waits of past releases."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from statistics import median

from workflows.domain.audit import Moment
from workflows.domain.values import Digest, Value, View

ENOUGH = 20
"""Fewer waits than this say nothing about what a gate is good for."""


class GateOutcome(StrEnum):
    """How a wait at a gate ended."""

    OPENED = "opened"
    WAIVED = "waived"
    ADVISED = "advised"
    """It did not hold, and only informs."""
    REJECTED = "rejected"
    EXPIRED = "expired"
    ABANDONED = "abandoned"
    """The release was given up while the gate kept it waiting."""


_DENIED = frozenset({GateOutcome.REJECTED, GateOutcome.EXPIRED, GateOutcome.ABANDONED})


class GateWait(Value):
    """One release's wait at one gate. `builds` maps each service to the build that waited."""

    key: str
    release: str
    environment: str
    gate: str
    builds: dict[str, Digest]
    opened_at: Moment
    closed_at: Moment
    seconds: float
    """How long the gate kept the stage waiting, whatever else did."""
    outcome: GateOutcome
    reason: str = ""

    @property
    def denied(self) -> bool:
        """Whether the release did not get past the gate."""
        return self.outcome in _DENIED

    @property
    def passed(self) -> bool:
        """Whether the gate itself held."""
        return self.outcome is GateOutcome.OPENED


class GateFigures(View):
    """One gate, in every environment that has it."""

    gate: str
    waits: int
    minutes: float
    """Of all its waits together."""
    median_minutes: float
    longest_minutes: float
    denials: int
    overrides: int
    """Waits that ended in a waiver."""
    true_catches: int
    """Denials after which another build of the service passed: something was mended."""
    proposal: str = ""


class GateReport(View):
    """What the gates cost and caught since a moment."""

    since: Moment
    releases: int
    gates: tuple[GateFigures, ...]


def report(waits: Iterable[GateWait], *, since: Moment) -> GateReport:
    """The figures of every gate that anybody waited at since then, the costliest first."""
    recent = sorted(
        (wait for wait in waits if wait.opened_at >= since),
        key=lambda wait: (wait.opened_at, wait.key),
    )
    by_gate: dict[str, list[GateWait]] = {}
    for wait in recent:
        by_gate.setdefault(wait.gate, []).append(wait)
    figures = [_figures(gate, found) for gate, found in sorted(by_gate.items())]
    return GateReport(
        since=since,
        releases=len({wait.release for wait in recent}),
        gates=tuple(sorted(figures, key=lambda each: (-each.minutes, each.gate))),
    )


def true_catches(waits: Iterable[GateWait]) -> int:
    """Denials of one gate that were followed by a fix, *waits* in the order of time.

    A fix is the next build of the same service that waited at the gate of the same environment
    and passed it. The same build let through later was no catch: nothing was wrong with it.
    """
    caught = 0
    denied: dict[tuple[str, str], GateWait] = {}
    for wait in waits:
        places = [(wait.environment, service) for service in wait.builds]
        earlier = [denied.pop(place) for place in places if place in denied]
        fixed = {
            one.key
            for one in earlier
            if wait.passed and any(one.builds.get(s) != wait.builds[s] for s in wait.builds)
        }
        caught += len(fixed)
        if wait.denied:
            denied.update(dict.fromkeys(places, wait))
        for one in earlier:
            if not wait.passed and not wait.denied:
                denied.update({place: one for place in places if place[1] in one.builds})
    return caught


def _figures(gate: str, waits: list[GateWait]) -> GateFigures:
    minutes = [wait.seconds / timedelta(minutes=1).total_seconds() for wait in waits]
    denials, caught = sum(wait.denied for wait in waits), true_catches(waits)
    overrides = sum(wait.outcome is GateOutcome.WAIVED for wait in waits)
    return GateFigures(
        gate=gate,
        waits=len(waits),
        minutes=round(sum(minutes), 1),
        median_minutes=round(median(minutes), 1),
        longest_minutes=round(max(minutes), 1),
        denials=denials,
        overrides=overrides,
        true_catches=caught,
        proposal=_proposal(len(waits), denials=denials, overrides=overrides, caught=caught),
    )


def _proposal(waits: int, *, denials: int, overrides: int, caught: int) -> str:
    """What to think about; a gate that few releases met is left alone."""
    if waits < ENOUGH or caught:
        return ""
    if overrides > waits / 2:
        return f"retire it, or mend it: {overrides} of {waits} waits ended in a waiver"
    if denials:
        return f"make it advisory: none of its {denials} denials led to a fix"
    return f"retire it, or make it advisory: it never denied anything in {waits} waits"
