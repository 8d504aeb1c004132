"""What the judge remembers between looks: small, serialisable, and bounded in size.

Windows are put together to cells, each with four numbers for every channel of every metric; the
oldest cells are merged in pairs when there are too many. A judge that is given its evidence back
goes on as if it had never stopped.
"""

from math import ceil, isfinite
from typing import NamedTuple

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.latency import CHANNELS, beyond, choose_edges
from workflows.domain.canary.windows import ArmWindow, JudgeWindow
from workflows.domain.values import Value

_MOST_CELLS = 72
_MERGED_AT_ONCE = 24
# A histogram's edges are fixed after the burn-in, once the baseline has shown so many requests,
# or after so many burn-ins, whatever was seen.
_ENOUGH_FOR_EDGES = 100
_LONGEST_WAIT = 5


# Both, so that a count is written without ".0", which would be a third of the evidence's JSON.
Number = int | float


class Counts(NamedTuple):
    """One channel of one cell: so many of so many, of the canary and of the baseline.

    Of a gauge: the sum of its values over so many windows.
    """

    x: Number
    n: Number
    y: Number
    k: Number

    def plus(self, other: "Counts") -> "Counts":
        return Counts(self.x + other.x, self.n + other.n, self.y + other.y, self.k + other.k)


class Cell(NamedTuple):
    """What was counted up to `at` since the cell before; None where a channel has no sample."""

    at: float
    counts: tuple[Counts | None, ...]


class Failure(Value):
    """Why the canary is rolled back: once said, it stands."""

    metric: str
    reason: str


class Evidence(Value):
    """All that the judge knows of a canary, from its first traffic on."""

    at: float = 0.0
    cells: tuple[Cell, ...] = ()
    edges: dict[str, tuple[int, ...]] = {}
    """Of each histogram, the bounds at which it is judged."""
    shapes: dict[str, tuple[int, ...]] = {}
    """Of each histogram, the baseline's bucket counts so far."""
    stage_begins: float = 0.0
    stage_windows: int = 0
    """How many windows of this stage had both versions."""
    stage_served: int = 0
    """In how many of them both versions had traffic."""
    catastrophic: int = 0
    """How many windows in a row were a catastrophe."""
    catastrophic_errors: int = 0
    canary_requests: int = 0
    canary_errors: int = 0
    baseline_requests: int = 0
    looks: int = 0
    """How many group-sequential looks are spent."""
    failure: Failure | None = None


def channels(metric: MetricConfig) -> int:
    """How many channels a cell has for *metric*."""
    return CHANNELS if metric.type == "histogram" else 1


def coverage(config: JudgeConfig, evidence: Evidence) -> float:
    """Which part of the stage's windows so far had both versions, 0..1."""
    expected = (evidence.at - config.stage_begins) / config.interval
    return min(1.0, evidence.stage_windows / max(1.0, expected))


def taken(config: JudgeConfig, evidence: Evidence, window: JudgeWindow) -> Evidence:
    """The evidence with one more window; one that is not later than the last changes nothing."""
    if window.at <= evidence.at:
        return evidence
    same_stage = evidence.stage_begins == config.stage_begins
    counts_here = window.has_both and window.at > config.stage_begins
    windows, served = (evidence.stage_windows, evidence.stage_served) if same_stage else (0, 0)
    evidence = evidence.model_copy(
        update={
            "at": window.at,
            "stage_begins": config.stage_begins,
            "stage_windows": windows + counts_here,
            "stage_served": served + (counts_here and _served(config, window)),
            **_totals(config, evidence, window),
        }
    )
    if window.canary is None or window.baseline is None:
        return evidence
    evidence = _with_shapes(config, evidence, window.canary, window.baseline)
    counts = _reduced(config, evidence, window.canary, window.baseline)
    return evidence.model_copy(
        update={"cells": _appended(config, evidence.cells, Cell(window.at, counts))}
    )


def _served(config: JudgeConfig, window: JudgeWindow) -> bool:
    """Whether both versions had traffic; a source that does not count requests has other data."""
    for arm in (window.canary, window.baseline):
        if arm is None or not (arm.values or arm.histograms):
            return False
        if config.requests in arm.values and not _number(arm, config.requests):
            return False
    return True


def _totals(config: JudgeConfig, evidence: Evidence, window: JudgeWindow) -> dict[str, int]:
    canary, baseline = window.canary or ArmWindow(), window.baseline or ArmWindow()
    failing = next(
        (m for m in config.metrics if m.type == "ratio" and m.direction != "decrease"), None
    )
    errors = 0.0 if failing is None else events(failing, canary) or 0.0
    return {
        "canary_requests": evidence.canary_requests + int(_number(canary, config.requests) or 0),
        "canary_errors": evidence.canary_errors + int(errors),
        "baseline_requests": evidence.baseline_requests
        + int(_number(baseline, config.requests) or 0),
    }


def _with_shapes(
    config: JudgeConfig, evidence: Evidence, canary: ArmWindow, baseline: ArmWindow
) -> Evidence:
    shapes, edges = dict(evidence.shapes), dict(evidence.edges)
    for metric in config.metrics:
        if metric.type != "histogram":
            continue
        size = len(metric.bounds) + 1
        seen = baseline.histograms.get(metric.field, ())
        ours = canary.histograms.get(metric.field, ())
        if len(seen) != size or len(ours) != size:
            continue
        before = shapes.get(metric.name, (0,) * size)
        total = tuple(map(sum, zip(before, seen, strict=True)))
        shapes[metric.name] = total
        waited = evidence.at >= _LONGEST_WAIT * config.burn_in
        enough = sum(total) >= _ENOUGH_FOR_EDGES and evidence.at >= config.burn_in
        if metric.name not in edges and (enough or waited):
            chosen = choose_edges(metric, total)
            if chosen:
                edges[metric.name] = chosen
    return evidence.model_copy(update={"shapes": shapes, "edges": edges})


def _reduced(
    config: JudgeConfig, evidence: Evidence, canary: ArmWindow, baseline: ArmWindow
) -> tuple[Counts | None, ...]:
    counts: list[Counts | None] = []
    for metric in config.metrics:
        if metric.type == "histogram":
            counts += _histogram(metric, evidence.edges.get(metric.name, ()), canary, baseline)
        elif metric.type == "gauge":
            counts.append(_gauge(metric, canary, baseline))
        else:
            counts.append(_ratio(config, metric, canary, baseline))
    return tuple(counts)


def _histogram(
    metric: MetricConfig, edges: tuple[int, ...], canary: ArmWindow, baseline: ArmWindow
) -> list[Counts | None]:
    ours = canary.histograms.get(metric.field, ())
    theirs = baseline.histograms.get(metric.field, ())
    size = len(metric.bounds) + 1
    if len(ours) != size or len(theirs) != size:
        return [None] * CHANNELS
    n, k = sum(ours), sum(theirs)
    found: list[Counts | None] = [
        Counts(beyond(ours, edge), n, beyond(theirs, edge), k) for edge in edges
    ]
    return found + [None] * (CHANNELS - len(found))


def _gauge(metric: MetricConfig, canary: ArmWindow, baseline: ArmWindow) -> Counts | None:
    x, y = _number(canary, metric.field), _number(baseline, metric.field)
    # The ratio of what is not positive says nothing.
    return Counts(x, 1, y, 1) if x and y else None


def _number(arm: ArmWindow, name: str) -> float | None:
    """A value, unless there is none that is a number of 0 or more."""
    value = arm.values.get(name)
    return None if value is None or not isfinite(value) or value < 0 else value


def events(metric: MetricConfig, arm: ArmWindow) -> float | None:
    """How many of *metric*'s events *arm* had; None where that is not known."""
    counted = _number(arm, metric.numerator)
    if not metric.complement:
        return counted
    whole = _number(arm, metric.denominator)
    return None if counted is None or whole is None else max(0.0, whole - counted)


def _ratio(
    config: JudgeConfig, metric: MetricConfig, canary: ArmWindow, baseline: ArmWindow
) -> Counts | None:
    x, y = events(metric, canary), events(metric, baseline)
    n, k = _number(canary, metric.denominator), _number(baseline, metric.denominator)
    if metric.type == "count" and not metric.denominator:
        n, k = config.split, 1 - config.split
    if x is None or y is None or n is None or k is None:
        return None
    if metric.type == "ratio":
        x, y = min(x, n), min(y, k)
    return Counts(_whole(x), _whole(n), _whole(y), _whole(k))


def _whole(number: float) -> Number:
    return int(number) if number == int(number) else number


def _appended(config: JudgeConfig, cells: tuple[Cell, ...], cell: Cell) -> tuple[Cell, ...]:
    if cells and _slot(config, cells[-1].at) == _slot(config, cell.at):
        return (*cells[:-1], _merged(cells[-1], cell))
    cells = (*cells, cell)
    if len(cells) <= _MOST_CELLS:
        return cells
    old = cells[:_MERGED_AT_ONCE]
    pairs = zip(old[::2], old[1::2], strict=True)
    return (*(_merged(*pair) for pair in pairs), *cells[_MERGED_AT_ONCE:])


def _slot(config: JudgeConfig, at: float) -> int:
    width = max(config.cell, config.interval)
    return ceil(at / width - 1e-9)


def _merged(one: Cell, other: Cell) -> Cell:
    counts = tuple(
        a.plus(b) if a is not None and b is not None else a if b is None else b
        for a, b in zip(one.counts, other.counts, strict=True)
    )
    return Cell(other.at, counts)
