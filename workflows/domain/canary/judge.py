"""The judge: one window more, and is the canary harmful, safe, or not yet known?

Pure and deterministic. How the evidence is weighed, what is guaranteed and what is not:
docs/explanation/judge.md.
"""

from collections.abc import Iterable
from math import exp, log

from workflows.domain.canary import boundaries
from workflows.domain.canary.catastrophe import catastrophe
from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.eprocess import log_sum
from workflows.domain.canary.evidence import Evidence, Failure, taken
from workflows.domain.canary.reading import BETTING, Reading, blips, needed, readings
from workflows.domain.canary.ruling import ruling
from workflows.domain.canary.verdict import Verdict
from workflows.domain.canary.windows import JudgeWindow


def begin(config: JudgeConfig) -> Evidence:
    """What is known before the first window: nothing."""
    return Evidence(stage_begins=config.stage_begins)


def look(
    config: JudgeConfig, evidence: Evidence, window: JudgeWindow
) -> tuple[Evidence, Verdict]:
    """Take one more window into account and say what is known now.

    A window that does not end after the last one changes nothing. A rollback, once said, stands.
    """
    evidence, read = _step(config, evidence, window)
    return evidence, ruling(config, evidence, read)


def judge(config: JudgeConfig, windows: Iterable[JudgeWindow]) -> Verdict:
    """The verdict after all *windows*: what `look` says after the last of them."""
    evidence, read = begin(config), list[Reading]()
    for window in windows:
        evidence, read = _step(config, evidence, window)
    return ruling(config, evidence, read)


def _step(
    config: JudgeConfig, before: Evidence, window: JudgeWindow
) -> tuple[Evidence, list[Reading]]:
    evidence = taken(config, before, window)
    read = readings(config, evidence)
    if evidence is before or evidence.failure is not None:
        return evidence, read
    evidence = catastrophe(config, evidence, window)
    looks = evidence.looks if before.stage_begins == config.stage_begins else 0
    due = boundaries.due(evidence.at - config.stage_begins, config.horizon, config.looks)
    failure = evidence.failure or _shown(config, evidence, read)
    if failure is None and due > looks:
        failure = _crossed(config, evidence, read, due)
    return evidence.model_copy(update={"looks": max(due, looks), "failure": failure}), read


def overall(read: list[Reading]) -> float:
    """The log of the weighted mean of the streams' e-values: valid however they depend."""
    return log_sum([r.harm + log(r.stream.weight) for r in read if r.stream.weight > 0])


def _shown(config: JudgeConfig, evidence: Evidence, read: list[Reading]) -> Failure | None:
    trusted = [r for r in read if r.trusted]
    together = overall(trusted)
    if together < needed(config, evidence.at):
        return None
    worst = max(trusted, key=lambda r: r.harm + log(max(r.stream.weight, 1e-9)))
    return Failure(
        metric=worst.stream.metric.name,
        reason=f"e-value {_count(together)}, {_count(needed(config, evidence.at))} needed",
    )


def _crossed(
    config: JudgeConfig, evidence: Evidence, read: list[Reading], due: int
) -> Failure | None:
    for reading in read:
        alpha = round(config.alpha * (1 - BETTING) * reading.stream.weight, 9)
        if not reading.trusted or alpha <= 0:
            continue
        bound = boundaries.boundaries(alpha, config.looks)[due - 1]
        z = boundaries.statistic(reading.points, blips=blips(config))
        if z > bound:
            return Failure(
                metric=reading.stream.metric.name,
                reason=f"z {z:.1f} at look {due} of {config.looks}, {bound:.1f} needed",
            )
    return None


def _count(logarithm: float) -> str:
    """An e-value as people read it."""
    return f"{exp(logarithm):.0f}" if logarithm < 12 else f"1e{logarithm / log(10):.0f}"
