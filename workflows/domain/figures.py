"""The numbers of a watched release as people read them, the same wherever they are shown."""

from workflows.domain.canary.harm import Harm
from workflows.domain.canary.verdict import MetricVerdict
from workflows.domain.canary.wording import duration, percent
from workflows.domain.release.status import Exposure, WatchView


def share(exposure: Exposure) -> str:
    """The share that arrived, with its interval: `5.0% [4.8, 5.2]`; empty before any request."""
    if exposure.weight_measured is None:
        return ""
    if exposure.weight_low is None or exposure.weight_high is None:
        return f"{exposure.weight_measured}%"
    return f"{exposure.weight_measured}% [{exposure.weight_low:g}, {exposure.weight_high:g}]"


def budget(exposure: Exposure, harm: Harm) -> str:
    """What the release has cost of what it may cost: `13/2000`; empty without a budget."""
    allowed = exposure.harm_budget
    return "" if allowed is None else f"{harm.failed_requests}/{allowed}"


def effect(metric: MetricVerdict) -> str:
    """How much the new version differs from the old one; empty where nothing is known."""
    return "" if metric.effect is None else percent(metric.effect)


def interval(metric: MetricVerdict) -> str:
    """Where the true effect lies, at all looks at once: `[-1.0 %, +7.5 %]`."""
    if metric.low is None or metric.high is None:
        return ""
    return f"[{percent(metric.low)}, {percent(metric.high)}]"


def samples(metric: MetricVerdict) -> str:
    """Samples of the new version, and how many would decide where more are needed."""
    more = f"/{metric.needed}" if metric.needed else ""
    return f"{metric.canary_samples}{more}"


def expected(metric: MetricVerdict) -> str:
    """When either verdict would come if all went on as so far; empty where neither would."""
    times = {"harm": metric.harm_in_seconds, "safety": metric.safe_in_seconds}
    return ", ".join(
        f"{what} in {duration(seconds)}" for what, seconds in times.items() if seconds is not None
    )


def progress(watch: WatchView) -> str:
    """How long the stage has been watched, of how long it was planned, and what is left."""
    left = f", {duration(watch.left_seconds)} left" if watch.left_seconds else ""
    return f"watched {duration(watch.seconds)} of {duration(watch.planned_seconds)}{left}"
