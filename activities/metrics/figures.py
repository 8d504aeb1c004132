"""From the samples of one scrape to what one process has counted of one version."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from activities.metrics.source import (
    ANSWERS,
    CLASS,
    CLUSTER,
    ERROR,
    LATENCY_SERIES,
    REQUESTS_SERIES,
    Sample,
)
from workflows.domain.canary.counters import ArmTotals
from workflows.domain.canary.measures import ERRORS, LATENCY, REQUESTS, Measure, MeasureKind
from workflows.domain.errors import Refused

Bounds = Mapping[str, tuple[float, ...]]

ASKED_FOR = "lockgate_arm"
"""The label that a source gives to what its own query for one version brought."""

_BUCKET = "_bucket"
_CLASSES = {REQUESTS.name: ANSWERS, ERRORS.name: {ERROR}}


class Figures(NamedTuple):
    """What is known of one version, and why some of it is not."""

    totals: ArmTotals
    warnings: tuple[str, ...] = ()


def asked_series(measure: Measure) -> str:
    """What samples are called that *measure*'s own query brought."""
    return f"={measure.name}"


def refuse_unknown(measures: Iterable[Measure]) -> None:
    """Turn back at once on a figure that no router has.

    Raises:
        Refused: a measure has no series of its own, and is not one of the router's figures.
    """
    for measure in measures:
        if measure.of_router and measure.name not in {*_CLASSES, LATENCY.name}:
            raise Refused(
                f"measure {measure.name!r}: routers count {', '.join(_CLASSES)} and "
                f"{LATENCY.name}; name a series of the service's own for anything else"
            )


def layouts(
    measures: Collection[Measure], samples: Sequence[Sample], *, kept: Bounds
) -> dict[str, tuple[float, ...]]:
    """Each histogram's edges: as the measure wants them, as before, or as all series have them."""
    found = dict(kept)
    for measure in measures:
        if measure.kind is not MeasureKind.HISTOGRAM:
            continue
        if measure.bounds:
            found[measure.name] = measure.bounds
        elif measure.name not in found and (edges := _common_edges(measure, samples)):
            found[measure.name] = edges
    return found


def figures(
    arm: str,
    measures: Collection[Measure],
    samples: Sequence[Sample],
    *,
    bounds: Bounds,
    since: float | None = None,
) -> Figures:
    """What one process, seen at one instant, has counted of *arm*.

    The process is there, so a counter that it does not show has counted nothing. A value that is
    no number is unknown, and so is a histogram that lacks an edge of *bounds*.
    """
    values: dict[str, float] = {}
    histograms: dict[str, tuple[float, ...]] = {}
    gauges: dict[str, float] = {}
    warnings = []
    for measure in measures:
        theirs = [sample for sample in samples if _counts(measure, arm, sample)]
        if not all(math.isfinite(sample.value) for sample in theirs):
            warnings.append(f"{measure.name} of {arm} is no number")
        elif measure.kind is MeasureKind.COUNTER:
            values[measure.name] = sum(sample.value for sample in theirs)
        elif measure.kind is MeasureKind.GAUGE and theirs:
            gauges[measure.name] = sum(sample.value for sample in theirs) / len(theirs)
        elif measure.kind is MeasureKind.HISTOGRAM:
            edges = bounds.get(measure.name, ())
            if (counts := _slots(theirs, edges)) is not None:
                histograms[measure.name] = counts
            else:
                warnings.append(f"{measure.name} of {arm} lacks bucket edges of {edges}")
    totals = ArmTotals(values=values, histograms=histograms, gauges=gauges, since=since)
    return Figures(totals, tuple(warnings))


def _counts(measure: Measure, arm: str, sample: Sample) -> bool:
    """Whether *sample* is a part of *measure* for *arm*."""
    name, labels = sample.name, sample.labels
    if measure.kind is MeasureKind.HISTOGRAM:
        if not name.endswith(_BUCKET) or "le" not in labels:
            return False
        name = name.removesuffix(_BUCKET)
    if measure.query is not None:
        return name == asked_series(measure) and labels.get(ASKED_FOR) == arm
    if measure.selector is not None:
        return measure.selector.matches(name, labels) and labels.get(measure.arm_label) == arm
    if labels.get(CLUSTER) != arm:
        return False
    if measure.name == LATENCY.name:
        return name + _BUCKET == LATENCY_SERIES
    return name == REQUESTS_SERIES and labels.get(CLASS) in _CLASSES[measure.name]


def _slots(samples: Sequence[Sample], edges: tuple[float, ...]) -> tuple[float, ...] | None:
    """Counts per bucket of *edges* and of the open one above; None if an edge is missing."""
    if not samples or not edges:
        return ()
    within: dict[float, float] = {}
    for sample in samples:
        edge = float(sample.labels["le"])
        within[edge] = within.get(edge, 0.0) + sample.value
    wanted = (*edges, math.inf)
    if not set(wanted) <= set(within):
        return None
    cumulative = [within[edge] for edge in wanted]
    return (cumulative[0], *(b - a for a, b in pairwise(cumulative)))


def _common_edges(measure: Measure, samples: Sequence[Sample]) -> tuple[float, ...]:
    series: dict[frozenset[tuple[str, str]], set[float]] = {}
    for sample in samples:
        if _counts(measure, _arm_of(measure, sample), sample):
            others = frozenset((k, v) for k, v in sample.labels.items() if k != "le")
            series.setdefault(others, set()).add(float(sample.labels["le"]))
    common = set.intersection(*series.values()) if series else set()
    return tuple(sorted(edge for edge in common if math.isfinite(edge)))


def _arm_of(measure: Measure, sample: Sample) -> str:
    label = CLUSTER if measure.of_router else measure.arm_label
    return sample.labels.get(ASKED_FOR if measure.query is not None else label, "")
