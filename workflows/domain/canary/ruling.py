"""From what the streams say to one of the five words."""

from math import log
from statistics import NormalDist

from workflows.domain.canary import confidence, eprocess, wording
from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.evidence import Evidence, coverage
from workflows.domain.canary.rarity import NEGLIGIBLE, rarity
from workflows.domain.canary.reading import Reading, blips, needed, overall
from workflows.domain.canary.tiers import TIERS, looked_for
from workflows.domain.canary.verdict import MetricStatus, MetricVerdict, Verdict, Word

# A metric with an e-value for harm above this is too suspicious to pass by lapse of time.
_SUSPICIOUS = log(5)

# An edge beyond which lie more than so many times what lies beyond the quantile is not near it.
_NEAR = 4.0

_WORDS = {
    MetricStatus.HARMFUL: Word.FAIL,
    MetricStatus.SAFE: Word.PASS,
    MetricStatus.NO_DATA: Word.NO_DATA,
}
_OPEN = (MetricStatus.UNDECIDED, MetricStatus.UNDERPOWERED)


def ruling(config: JudgeConfig, evidence: Evidence, read: list[Reading]) -> Verdict:
    """The verdict on all metrics, and on each."""
    metrics = tuple(_metric(config, evidence, metric, read) for metric in config.metrics)
    word, reason = _word(config, evidence, metrics)
    return Verdict(
        word=word,
        reason=reason + wording.scale(config),
        metrics=metrics,
        canary_requests=evidence.canary_requests,
        canary_errors=evidence.canary_errors,
        baseline_requests=evidence.baseline_requests,
        at=evidence.at,
        coverage=coverage(config, evidence),
        harm=overall(read) if read else 0.0,
        deciding=evidence.failure.metric if evidence.failure else "",
        at_deadline=_elapsed(config, evidence) >= config.horizon,
        time_scale=config.time_scale,
    )


def _elapsed(config: JudgeConfig, evidence: Evidence) -> float:
    return evidence.at - config.stage_begins


def _word(
    config: JudgeConfig, evidence: Evidence, metrics: tuple[MetricVerdict, ...]
) -> tuple[Word, str]:
    if evidence.failure is not None:
        return Word.FAIL, evidence.failure.reason
    if evidence.stage_served < config.min_windows:
        return Word.NO_DATA, (
            f"{evidence.stage_served} windows in which both versions had traffic, "
            f"{config.min_windows} needed"
        )
    elapsed = _elapsed(config, evidence)
    if elapsed >= config.horizon:
        return _last_word(config, evidence, metrics)
    if config.early_promotion and elapsed >= config.bake_seconds:
        unsafe = [m for m in metrics if m.status is not MetricStatus.SAFE]
        if metrics and not unsafe and coverage(config, evidence) >= config.min_coverage:
            return Word.PASS, f"{_margins(config)} ruled out for every metric"
    return Word.INCONCLUSIVE, _waiting(metrics)


def _last_word(
    config: JudgeConfig, evidence: Evidence, metrics: tuple[MetricVerdict, ...]
) -> tuple[Word, str]:
    """The word at the deadline: silence is never a pass."""
    covered = coverage(config, evidence)
    if covered < config.min_coverage:
        return Word.NO_DATA, (
            f"{100 * covered:.0f} % of the windows have both versions, "
            f"{100 * config.min_coverage:.0f} % needed"
        )
    silent = [m.name for m in metrics if m.status is MetricStatus.NO_DATA]
    if silent or not metrics:
        return Word.NO_DATA, f"no data of {', '.join(silent) or 'any metric'}"
    unsafe = [m for m in metrics if m.status is not MetricStatus.SAFE]
    if not unsafe:
        return Word.PASS, f"{_margins(config)} ruled out for every metric"
    if config.holds_at_deadline:
        return Word.INCONCLUSIVE, f"not shown safe by the deadline: {_names(unsafe)}"
    return _not_harmful(metrics)


def _not_harmful(metrics: tuple[MetricVerdict, ...]) -> tuple[Word, str]:
    """A pass needs a metric that would have shown harm, and none that nearly does."""
    suspicious = [m for m in metrics if m.harm > _SUSPICIOUS]
    if suspicious:
        return Word.INCONCLUSIVE, f"neither harmful nor safe at the deadline: {_names(suspicious)}"
    blind = [m for m in metrics if m.status is MetricStatus.UNDERPOWERED and not _rare(m)]
    if len(blind) == len(metrics):
        return Word.INCONCLUSIVE, f"too little traffic to conclude: {_smallest(blind)}"
    seeing = [m for m in metrics if m not in blind]
    rest = f"; too little traffic for {_names(blind)}" if blind else ""
    return Word.PASS, f"no harm by the deadline: {_smallest(seeing)}{rest}"


def _rare(metric: MetricVerdict) -> bool:
    """Whether it hardly happens at all, so that its smallness needs no comparison."""
    return metric.at_most is not None and metric.at_most <= NEGLIGIBLE


def _margins(config: JudgeConfig) -> str:
    return ", ".join(f"{m.name} worse by {100 * m.margin:g} %" for m in config.metrics)


def _names(metrics: list[MetricVerdict]) -> str:
    return ", ".join(m.name for m in metrics)


def _smallest(metrics: list[MetricVerdict]) -> str:
    return ", ".join(
        f"{m.name} worse by {100 * m.detectable:.0f} % would show"
        for m in metrics
        if m.detectable is not None
    )


def _waiting(metrics: tuple[MetricVerdict, ...]) -> str:
    unsafe = [m for m in metrics if m.status is not MetricStatus.SAFE]
    if not unsafe:
        return "every metric is safe; the stage lasts until its time"
    return max(unsafe, key=lambda m: m.harm).reason


def _metric(
    config: JudgeConfig, evidence: Evidence, metric: MetricConfig, read: list[Reading]
) -> MetricVerdict:
    mine = [one for one in read if one.stream.metric is metric]
    telling = [one for one in mine if confidence.information(one) > 0]
    if not telling:
        return _silent(config, evidence, metric, mine)
    # The channel that harms most, or the first one, which is nearest to what was asked.
    worst = max(telling, key=lambda one: one.harm)
    main = worst if worst.harm > 0 else telling[0]
    return _told(config, evidence, mine, main)


def _silent(
    config: JudgeConfig, evidence: Evidence, metric: MetricConfig, mine: list[Reading]
) -> MetricVerdict:
    """A metric that has shown nothing yet: not judged so far, without events, or not counted."""
    ours, theirs = wording.samples(mine[0]) if mine else (0, 0)
    rare = rarity(config, evidence, metric) if mine else None
    if rare is not None and rare.negligible:
        status, said = MetricStatus.SAFE, str(rare)
    elif mine:
        status, said = MetricStatus.UNDERPOWERED, f"no event in {ours + theirs} samples"
    elif metric.warmup == "own" and evidence.at <= config.burn_in:
        status = MetricStatus.WARMING_UP
        said = f"the first {wording.duration(config.burn_in)} are not judged"
    else:
        status, said = MetricStatus.NO_DATA, "no data"
    return MetricVerdict(
        name=metric.name,
        word=_WORDS.get(status, Word.INCONCLUSIVE),
        reason=f"{metric.name}: {said}",
        canary_samples=ours,
        baseline_samples=theirs,
        status=status,
        at_most=rare.at_most if rare else None,
        coverage=coverage(config, evidence),
    )


def _told(
    config: JudgeConfig, evidence: Evidence, mine: list[Reading], main: Reading
) -> MetricVerdict:
    weight = sum(one.stream.weight for one in mine) or 1.0
    harm = overall(mine) - log(weight)
    safety = _safety(config, mine)
    outlook = _outlook(config, evidence, main, weight)
    status = _status(config, evidence, main, harm=harm, safety=safety, smallest=outlook.detectable)
    found = confidence.effect(main, alpha=config.alpha)
    rare = rarity(config, evidence, main.stream.metric)
    ours, theirs = wording.samples(main)
    said = wording.effect(config, main)
    if status in _OPEN:
        said += wording.outlook(outlook)
    return MetricVerdict(
        name=main.stream.metric.name,
        word=_WORDS.get(status, Word.INCONCLUSIVE),
        reason=said,
        effect=found.estimate if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        canary_samples=ours,
        baseline_samples=theirs,
        needed=int(ours * outlook.growth) if status in _OPEN else 0,
        status=status,
        harm=harm,
        safety=safety,
        phi=confidence.phi(main),
        harm_in_seconds=outlook.harm_in,
        safe_in_seconds=outlook.safe_in,
        detectable=outlook.detectable,
        at_most=rare.at_most if rare else None,
        coverage=coverage(config, evidence),
    )


def _safety(config: JudgeConfig, mine: list[Reading]) -> float:
    """The least evidence of safety of any stream.

    None at all for a histogram whose tail was too thin to place an edge near its quantile.
    """
    metric = mine[0].stream.metric
    tail = min(one.stream.common for one in mine)
    if metric.type == "histogram" and tail > _NEAR * (1 - metric.quantile):
        return 0.0
    return min(eprocess.log_safe(one.stream, one.spread, blips=blips(config)) for one in mine)


def _outlook(
    config: JudgeConfig, evidence: Evidence, main: Reading, weight: float
) -> confidence.Outlook:
    judged = max(config.interval, evidence.at - config.burn_in)
    left = max(0.0, config.horizon - _elapsed(config, evidence))
    return confidence.outlook(
        main,
        judged=judged,
        left=left,
        z_harm=_z(config, config.alpha * weight),
        z_safe=_z(config, config.beta),
    )


def _z(config: JudgeConfig, error: float) -> float:
    """The standard errors that an effect must measure to show with the tier's power."""
    normal = NormalDist()
    return normal.inv_cdf(1 - min(0.5, error)) + normal.inv_cdf(TIERS[config.criticality].power)


def _status(
    config: JudgeConfig,
    evidence: Evidence,
    main: Reading,
    *,
    harm: float,
    safety: float,
    smallest: float | None,
) -> MetricStatus:
    metric = main.stream.metric
    if evidence.failure is not None and evidence.failure.metric == metric.name:
        return MetricStatus.HARMFUL
    if main.starting and harm > needed(config, evidence.at):
        return MetricStatus.WARMING_UP
    if safety >= log(1 / config.beta):
        return MetricStatus.SAFE
    goal = max(looked_for(config.criticality, metric), metric.margin)
    if smallest is None or smallest > goal:
        return MetricStatus.UNDERPOWERED
    return MetricStatus.UNDECIDED
