"""Sentences for the operator, with the number that decided."""

from math import exp, log

from workflows.domain.canary import confidence
from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.reading import Reading

_BEYOND_SAYING = 100.0


def number(logarithm: float) -> str:
    """An e-value as people read it."""
    if logarithm > log(1e5):
        return f"1e{logarithm / log(10):.0f}"
    value = exp(logarithm)
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def percent(change: float) -> str:
    """A relative change, with its sign; a growth beyond all measure only as such.

    Beside a baseline that shows next to nothing any growth is possible: a figure is empty.
    """
    if change > _BEYOND_SAYING:
        return f"over {100 * _BEYOND_SAYING:+.0f} %"
    return f"{100 * change:+.0f} %" if abs(change) >= 0.1 else f"{100 * change:+.1f} %"


def tolerated(metric: MetricConfig) -> str:
    """What a metric's release allows."""
    sign = {"increase": "+", "decrease": "-", "both": "±"}[metric.direction]
    return f"{sign}{100 * metric.tolerance:g} %"


def effect(config: JudgeConfig, read: Reading) -> str:
    """What a stream shows: the effect, its bounds, and what it rests on."""
    metric = read.stream.metric
    found = confidence.effect(read, alpha=config.alpha)
    if found is None:
        return f"{metric.name} shows nothing"
    return (
        f"{metric.name} {percent(found.estimate)} "
        f"[{percent(found.low)}, {percent(found.high)}] against the baseline, "
        f"tolerated {tolerated(metric)}, after {samples(read)[0]} canary samples"
    )


def samples(read: Reading) -> tuple[int, int]:
    """How many of the canary's and of the baseline's were judged; of a count, the events."""
    cells = [counts for _, counts in read.stream.cells]
    if read.stream.metric.type == "count":
        ours, theirs = sum(c.x for c in cells), sum(c.y for c in cells)
    else:
        ours, theirs = sum(c.n for c in cells), sum(c.k for c in cells)
    return (int(theirs), int(ours)) if read.stream.swapped else (int(ours), int(theirs))


def outlook(found: confidence.Outlook) -> str:
    """What is to be expected, after a semicolon."""
    said = []
    if found.detectable is not None:
        said.append(f"worse by {100 * found.detectable:.0f} % would show by the deadline")
    if found.harm_in is not None:
        said.append(f"harm would be shown in {duration(found.harm_in)}")
    if found.safe_in is not None:
        said.append(f"safety in {duration(found.safe_in)}")
    return "; " + ", ".join(said) if said else ""


def duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.3g} h"


def scale(config: JudgeConfig) -> str:
    """A remark where the judge's times are not its own."""
    if config.time_scale == 1:
        return ""
    return f" (a demonstration: the judge's times are multiplied by {config.time_scale:.3g})"
