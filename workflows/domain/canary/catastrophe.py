"""The short way out: a canary that fails a great part of what it is asked."""

from math import isfinite

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.evidence import Evidence, Failure, events
from workflows.domain.canary.windows import ArmWindow, JudgeWindow


def catastrophe(config: JudgeConfig, evidence: Evidence, window: JudgeWindow) -> Evidence:
    """Count windows in a row with a catastrophic error rate; enough of them are a failure.

    A gap neither counts nor ends the row.
    """
    if window.canary is None or window.baseline is None:
        return evidence
    found = [
        (metric, *shares)
        for metric in config.metrics
        if metric.type == "ratio" and metric.direction == "increase"
        if (shares := _shares(metric, window.canary, window.baseline)) is not None
    ]
    worst = max(found, key=lambda one: one[1], default=None)
    if worst is None:
        return evidence
    metric, ours, theirs, errors = worst
    if ours < config.catastrophe_rate or ours < config.catastrophe_ratio * theirs:
        return evidence.model_copy(update={"catastrophic": 0, "catastrophic_errors": 0})
    windows = evidence.catastrophic + 1
    errors += evidence.catastrophic_errors
    failure = evidence.failure
    enough = max(config.catastrophe_windows, config.catastrophe / config.interval)
    if windows >= enough and errors >= config.catastrophe_errors:
        failure = failure or Failure(
            metric=metric.name,
            reason=f"{metric.name} {100 * ours:.0f} % against the baseline's "
            f"{100 * theirs:.1f} %, {windows} windows in a row",
        )
    return evidence.model_copy(
        update={"catastrophic": windows, "catastrophic_errors": errors, "failure": failure}
    )


def _shares(
    metric: MetricConfig, canary: ArmWindow, baseline: ArmWindow
) -> tuple[float, float, int] | None:
    ours = _share(metric, canary)
    if ours is None:
        return None
    theirs = _share(metric, baseline)
    return None if theirs is None else (ours, theirs, int(events(metric, canary) or 0))


def _share(metric: MetricConfig, arm: ArmWindow) -> float | None:
    hits, of = events(metric, arm), arm.values.get(metric.denominator)
    if hits is None or of is None or not isfinite(of) or of <= 0:
        return None
    return hits / of
