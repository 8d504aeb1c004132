"""What both versions did in one window of time: what a judge looks at."""

from workflows.domain.values import Value


class ArmWindow(Value):
    """One version's part of a window: what was counted in it, not what was counted so far.

    `values` holds increments of counters, or a gauge's value; `histograms` counts per bucket, not
    cumulative, of which the last has no upper edge. What had no sample is not named.
    """

    values: dict[str, float] = {}
    histograms: dict[str, tuple[int, ...]] = {}


class JudgeWindow(Value):
    """Both versions in the window that ends at `at`; None for one without any sample."""

    at: float
    canary: ArmWindow | None
    baseline: ArmWindow | None
