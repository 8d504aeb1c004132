"""How much traffic a target has, and how its present version fares: what plans are made from."""

from workflows.domain.values import View


class Traffic(View):
    """What one version served over *seconds*, as far as *known*.

    `values` are the totals of each counter by its name, `histograms` those of each bucket.
    """

    known: bool = True
    seconds: float = 0.0
    values: dict[str, float] = {}
    histograms: dict[str, tuple[int, ...]] = {}
    bounds: dict[str, tuple[float, ...]] = {}
    reason: str = ""

    @property
    def rps(self) -> float:
        """Requests a second; 0 where nothing is known."""
        return self.values.get("requests", 0.0) / self.seconds if self.seconds > 0 else 0.0

    def ratio(self, numerator: str, denominator: str) -> float | None:
        """The share of *denominator* that *numerator* is; None where there was none."""
        whole = self.values.get(denominator, 0.0)
        return self.values.get(numerator, 0.0) / whole if whole > 0 else None

    def __str__(self) -> str:
        if not self.known:
            return f"traffic unknown: {self.reason}"
        failed = self.ratio("errors", "requests")
        fails = "" if failed is None else f", {100 * failed:.2f} % failed"
        return f"{self.rps:.1f} requests a second{fails}"
