"""What a metric source hands the judge: per window, what each version added to its counters."""

from workflows.domain.values import Value


class ArmWindow(Value):
    """What one version did in one window.

    `values` holds increments of counters (`requests`, `errors`, ...) or a gauge's value;
    `histograms` the window's own bucket counts, not cumulative, of which the last is +Inf.
    """

    values: dict[str, float] = {}
    histograms: dict[str, tuple[int, ...]] = {}


class JudgeWindow(Value):
    """One window of both versions; `at` is its end, in seconds since the canary got traffic.

    An arm that is None was not sampled (a gap); an arm whose requests are 0 was, and was idle.
    Windows come in the order of their ends and do not overlap.
    """

    at: float
    canary: ArmWindow | None = None
    baseline: ArmWindow | None = None

    @property
    def has_both(self) -> bool:
        return self.canary is not None and self.baseline is not None
