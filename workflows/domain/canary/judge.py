"""The judge: one window more, and is the canary harmful, safe, or not yet known?

Pure and deterministic. How the evidence is weighed, what is guaranteed and what is not:
docs/explanation/judge.md.
"""

from collections.abc import Iterable
from math import log

from workflows.domain.canary import boundaries, wording
from workflows.domain.canary.catastrophe import catastrophe
from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.evidence import Evidence, Failure, taken
from workflows.domain.canary.reading import (
    FOR_BETTING,
    Reading,
    blips,
    needed,
    overall,
    readings,
)
from workflows.domain.canary.ruling import ruling
from workflows.domain.canary.verdict import Verdict
from workflows.domain.canary.windows import JudgeWindow


def begin(config: JudgeConfig) -> Evidence:
    """What is known before the first window: nothing."""
    return Evidence(stage_begins=config.stage_begins)


def look(config: JudgeConfig, evidence: Evidence, window: JudgeWindow) -> tuple[Evidence, Verdict]:
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
        failure = _crossed(config, read, due)
    return evidence.model_copy(update={"looks": max(due, looks), "failure": failure}), read


def _shown(config: JudgeConfig, evidence: Evidence, read: list[Reading]) -> Failure | None:
    """Harm by the e-process: all trusted streams together."""
    trusted = [one for one in read if one.trusted and one.stream.weight > 0]
    together, threshold = overall(trusted), needed(config, evidence.at)
    if together < threshold:
        return None
    worst = max(trusted, key=lambda one: one.harm + log(one.stream.weight))
    return Failure(
        metric=worst.stream.metric.name,
        reason=f"{wording.effect(config, worst)}: "
        f"e-value {wording.number(together)}, {wording.number(threshold)} decides",
    )


def _crossed(config: JudgeConfig, read: list[Reading], due: int) -> Failure | None:
    """Harm at a group-sequential look: any trusted stream, each with its part of alpha."""
    for one in read:
        alpha = round(config.alpha * (1 - FOR_BETTING) * one.stream.weight, 9)
        if not one.trusted or alpha <= 0:
            continue
        bound = boundaries.boundaries(alpha, config.looks)[due - 1]
        z = boundaries.statistic(one.points, blips=blips(config))
        if z > bound:
            return Failure(
                metric=one.stream.metric.name,
                reason=f"{wording.effect(config, one)}: "
                f"z {z:.1f} at look {due} of {config.looks}, {bound:.1f} decides",
            )
    return None
