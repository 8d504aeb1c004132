"""The steps of a planned promotion: what each does, how long it needs at the measured traffic."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from starters.planning.measuring import NOT_ASKED, Measured
from workflows.domain.canary.config import MetricConfig
from workflows.domain.canary.duration import PlannedDuration, PlannedMetric
from workflows.domain.canary.harm import Harm, HarmBudget, Served, expected_detection, heaviest
from workflows.domain.canary.outlook import base_rate, outlook
from workflows.domain.canary.traffic import Traffic
from workflows.domain.durations import write_duration
from workflows.domain.release.plan import Analysis, Bake, LadderStep, Promotion
from workflows.domain.values import Percent

_NO_TRAFFIC = "no traffic of its own: cannot conclude"


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """One step with what is known of it before the start.

    *percent* is the weight at which it runs; *outlook* what its traffic can tell, None where
    nobody measured it or it compares nothing; *allowed* a weight that the harm budget wants first.
    """

    step: LadderStep
    percent: Percent
    traffic: Traffic | None = None
    outlook: PlannedDuration | None = None
    allowed: Percent | None = None

    @property
    def lasts(self) -> timedelta | None:
        """How long an analysis is planned to last; None where that is not known yet."""
        analysis = self.step.analysis
        if analysis is None:
            return None
        if analysis.duration is not None or self.outlook is None:
            return analysis.duration
        return timedelta(seconds=round(self.outlook.seconds))


def planned_steps(
    promotion: Promotion, budget: HarmBudget | None, measured: Measured = NOT_ASKED
) -> tuple[PlannedStep, ...]:
    """Each step at its weight; before the first weight the new version has no traffic."""
    if measured.first:
        return ()  # it takes all traffic at once
    percent: Percent = 0
    traffic = measured.traffic
    planned = []
    for step in promotion.steps:
        if step.weight is not None:
            first = percent == 0
            percent = step.weight
            allowed = _allowed(promotion, budget, traffic) if first else None
            if allowed is not None and allowed >= percent:
                allowed = None
            planned.append(PlannedStep(step=step, percent=percent, allowed=allowed))
            continue
        found = None
        if step.analysis is not None and traffic is not None and percent:
            most = step.analysis.duration or step.analysis.at_most
            cap = None if most is None else most.total_seconds()
            found = outlook(step.analysis.judge, traffic, percent=percent, at_most=cap)
        planned.append(PlannedStep(step=step, percent=percent, traffic=traffic, outlook=found))
    return tuple(planned)


def _allowed(
    promotion: Promotion, budget: HarmBudget | None, traffic: Traffic | None
) -> Percent | None:
    """The first weight that the budget allows; a later one depends on what was seen by then."""
    if budget is None or traffic is None:
        return None
    intervals = [s.watched.interval.total_seconds() for s in promotion.steps if s.watched]
    interval = min(intervals, default=0.0)
    detects = expected_detection(interval=interval, settles=interval)
    return heaviest(budget, spent=Harm(), served=Served(), rps=traffic.rps, detects_after=detects)


def shortest(planned: Sequence[PlannedStep]) -> timedelta:
    """How long the steps take if every look passes."""
    return sum((_least(one) for one in planned), timedelta(0))


def longest(planned: Sequence[PlannedStep]) -> timedelta | None:
    """How long they may take at most; None if one waits until somebody promotes."""
    if any(one.step.until_promoted for one in planned):
        return None
    return sum((_most(one) for one in planned), timedelta(0))


def _least(planned: PlannedStep) -> timedelta:
    step = planned.step
    if step.analysis is not None:
        if step.analysis.judge.early_promotion:
            return step.analysis.at_least
        return planned.lasts or timedelta(0)
    return step.bake.duration if step.bake is not None else step.pause or timedelta(0)


def _most(planned: PlannedStep) -> timedelta:
    watched = planned.step.watched
    if watched is None:
        return planned.step.pause or timedelta(0)
    lasts = watched.duration or planned.lasts or timedelta(0)
    if isinstance(watched, Analysis) and ("extend" in _actions(watched) or not lasts):
        lasts = max(lasts, watched.at_most or timedelta(0))
    holds = _actions(watched) & {"hold", "extend"}
    return lasts + (watched.hold_for if holds else timedelta(0))


def _actions(watched: Analysis | Bake) -> set[str]:
    return {watched.inconclusive, watched.no_data, watched.provider_error}


def step_text(planned: PlannedStep) -> str:
    """What the step does, for instance `25 % of the traffic`."""
    step = planned.step
    if step.header_route is not None:
        return f"requests with {step.header_route} go to the canary"
    if step.weight is not None:
        by_way = ""
        if planned.allowed is not None:
            by_way = f", by way of {planned.allowed} %: all that the harm budget allows at first"
        return f"{step.weight} % of the traffic{by_way}"
    if step.mirror is not None:
        return f"copies of {step.mirror} % of the traffic go to the canary; nobody waits for them"
    if step.analysis is not None:
        return _analysis_text(planned, step.analysis)
    if step.bake is not None:
        return f"{step.bake}, a look each {write_duration(step.bake.interval)}{_limits(step.bake)}"
    return "pause until somebody promotes" if step.until_promoted else str(step)


def _analysis_text(planned: PlannedStep, analysis: Analysis) -> str:
    looks = f"a look each {write_duration(analysis.interval)}"
    metrics = ", ".join(_metric_text(metric) for metric in analysis.judge.metrics)
    watch = f"{_span_text(planned, analysis)}, {looks}: {metrics}{_limits(analysis)}"
    why = "; ".join(_why(planned, analysis))
    return f"{watch} — {why}" if why else watch


def _span_text(planned: PlannedStep, analysis: Analysis) -> str:
    if (lasts := planned.lasts) is None:
        most = write_duration(analysis.at_most or timedelta(0))
        return f"watch as long as the traffic needs, at most {most}"
    least = analysis.at_least if analysis.judge.early_promotion else lasts
    most = write_duration(lasts)
    return f"watch {most if least >= lasts else f'{write_duration(least)} to {most}'}"


def _why(planned: PlannedStep, analysis: Analysis) -> Iterator[str]:
    """What the measured traffic can tell within the step's time."""
    if planned.percent == 0:
        yield _NO_TRAFFIC
        return
    found, traffic = planned.outlook, planned.traffic
    if found is None or traffic is None:
        return
    requests = round(traffic.rps * planned.percent / 100 * found.seconds)
    spoken = f"{requests:,}".replace(",", " ")
    yield f"{spoken} canary requests: {planned.percent} % of {traffic.rps:.4g} rps"
    if not found.conclusive:
        yield found.reason
        return
    if analysis.duration is None and found.seconds <= found.floor:
        least = write_duration(timedelta(seconds=found.floor))
        yield f"never less than {least} at criticality {analysis.judge.criticality}"
    for metric, config in zip(found.metrics, analysis.judge.metrics, strict=True):
        yield f"{metric.reason}{_base(config, traffic)}"


def _base(config: MetricConfig, traffic: Traffic) -> str:
    rate = base_rate(config, traffic)
    if rate is None or config.type not in ("ratio", "count"):
        return ""
    return f" (base rate {100 * rate.base:.2g} %)"


def _limits(watched: Analysis | Bake) -> str:
    return "".join(f"; {rule}" for rule in watched.thresholds)


def _metric_text(metric: MetricConfig) -> str:
    worse = {"increase": "more", "decrease": "less", "both": "other"}[metric.direction]
    quantile = f" p{100 * metric.quantile:g}" if metric.type == "histogram" else ""
    return f"{metric.name}{quantile} not {100 * metric.tolerance:g} % {worse}"


def step_as_json(planned: PlannedStep) -> dict[str, JsonValue]:
    """The step for programs: its sentence, its weight, and what an analysis needs."""
    return {
        "text": step_text(planned),
        "percent": planned.percent,
        "analysis": _analysis_as_json(planned) if planned.step.analysis is not None else None,
    }


def _analysis_as_json(planned: PlannedStep) -> dict[str, JsonValue]:
    lasts, found = planned.lasts, planned.outlook
    if planned.percent == 0:
        reason = _NO_TRAFFIC
    else:
        reason = "traffic not measured" if found is None else found.reason
    return {
        "seconds": None if lasts is None else lasts.total_seconds(),
        "conclusive": None if found is None and planned.percent else _concludes(found),
        "reason": reason,
        "metrics": [] if found is None else [_metric_as_json(metric) for metric in found.metrics],
    }


def _concludes(found: PlannedDuration | None) -> bool:
    return found is not None and found.conclusive


def _metric_as_json(metric: PlannedMetric) -> dict[str, JsonValue]:
    return {
        "name": metric.name,
        "worsening": metric.worsening,
        "seconds": metric.seconds,
        "canarySamples": metric.canary_samples,
        "conclusive": metric.conclusive,
        "smallest": metric.smallest,
        "reason": metric.reason,
    }
