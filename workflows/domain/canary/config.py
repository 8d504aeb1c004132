"""How a canary is to be judged: its metrics, how sure to be, and every time and limit."""

from enum import StrEnum
from typing import Literal

from workflows.domain.values import Value


class Criticality(StrEnum):
    """How much a wrong promotion would cost; decides what is looked for and how long."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class MetricConfig(Value):
    """One metric, where its numbers are in a window, and how much worse is worse.

    A `ratio` and a `count` have a numerator, and a ratio a denominator; a `histogram` and a
    `gauge` have a field. A `count` without a denominator is compared by the split of traffic.
    """

    name: str
    type: Literal["ratio", "histogram", "gauge", "count"]
    numerator: str = ""
    denominator: str = ""
    complement: bool = False
    """Of a ratio: the events are those that the numerator leaves of the denominator."""
    field: str = ""
    bounds: tuple[float, ...] = ()
    """Upper edges of a histogram's buckets in milliseconds, rising, without +Inf."""
    quantile: float = 0.99
    direction: Literal["increase", "decrease", "both"] = "increase"
    """Which way is worse. `both` judges either way, each with half the metric's weight."""
    tolerance: float = 0.1
    """A relative worsening up to this must not roll back; of a histogram, of its times."""
    margin: float = 0.5
    """A relative worsening of this much must be ruled out before an early promotion."""
    weight: float = 1
    """Its part of alpha, relative to the weights of the other metrics."""
    warmup: Literal["own", "shared"] = "own"
    """`shared`: the baseline was started together with the canary, so a start-up cancels."""
    noise: float | None = None
    """How much one version differs from itself between windows, beyond chance (0.08 = 8 %).

    What the judge assumes before it has seen enough windows to tell; by type if None.
    """


# The least time a stage is watched before it may pass early, by criticality, in seconds.
_BAKE = {"low": 900.0, "normal": 1200.0, "high": 2400.0, "critical": 3600.0}


class JudgeConfig(Value):
    """The whole of a judge's instructions. All times are in seconds.

    The times fit services that settle in minutes; `scaled` shortens them all together.
    """

    interval: float
    """Length of a window."""
    horizon: float
    """How long the stage is watched at most; evidence is spent over this time."""
    criticality: Criticality = Criticality.NORMAL
    split: float = 0.5
    """The canary's share of the traffic, 0..1; only a `count` without denominator needs it."""
    metrics: tuple[MetricConfig, ...]
    alpha: float = 0.1
    """How likely a canary that is not worse than tolerated may be rolled back, in the horizon."""
    beta: float = 0.05
    """How likely a canary that is worse by the margin may be promoted early."""
    early_promotion: bool = False
    stage_begins: float = 0
    """The `at` of the stage's start: coverage, bake and horizon count from there."""
    requests: str = "requests"
    """What a window calls the number of requests."""

    cell: float = 60
    """Windows are put together to cells of about this length, of which evidence consists."""
    blip: float = 180
    """Harm must be shown even without the worst cells that make up this much time."""
    burn_in: float = 120
    """The canary's first seconds, which are not judged."""
    settling: float = 600
    """Until then harm that shrinks is taken for a start-up, and evidence must be greater."""
    settling_factor: float = 20
    """How many times greater."""
    decay: float = 1800
    """Until then an effect that decays to something tolerated defers a rollback."""
    bake: float | None = None
    """The least time before an early promotion; by criticality if None."""
    looks: int = 12
    """How many group-sequential looks are spread over the horizon."""
    min_coverage: float = 0.6
    """Which part of a stage's windows must have both versions before anything passes."""
    min_windows: int = 3
    """Fewer windows with both versions are no data."""
    catastrophe_rate: float = 0.3
    catastrophe_ratio: float = 5
    catastrophe_windows: int = 2
    """So many windows in a row with such an error rate, so many times the baseline's, fail."""
    catastrophe: float = 60
    """If they last so long: short windows must be more."""
    catastrophe_errors: int = 10
    """The least errors in those windows: one failed request of two is no catastrophe."""
    time_scale: float = 1
    """1 unless `scaled`; a verdict says so where it differs."""

    @property
    def bake_seconds(self) -> float:
        return _BAKE[self.criticality] * self.time_scale if self.bake is None else self.bake

    @property
    def holds_at_deadline(self) -> bool:
        """Whether a stage must be shown safe to pass, rather than not be shown harmful."""
        return self.criticality in (Criticality.HIGH, Criticality.CRITICAL)


# All fields of JudgeConfig that are times of the judge's own: what `scaled` shortens.
_TIMES = ("cell", "blip", "burn_in", "settling", "decay", "catastrophe")


def scaled(config: JudgeConfig, factor: float) -> JudgeConfig:
    """The same judge for a world that is faster: all its times multiplied by *factor*.

    For demonstrations with windows of a second: interval and horizon are left as they are, and
    each verdict says that the judge's times were scaled. It reacts sooner and is sure of less: a
    start-up or a blip longer than the scaled times counts as harm.
    """
    times: dict[str, float] = {name: getattr(config, name) * factor for name in _TIMES}
    bake = None if config.bake is None else config.bake * factor
    return config.model_copy(
        update={**times, "bake": bake, "time_scale": config.time_scale * factor}
    )
