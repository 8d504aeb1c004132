"""Streams of counts for tests, without windows around them."""

from workflows.domain.canary.config import MetricConfig
from workflows.domain.canary.evidence import Counts
from workflows.domain.canary.streams import Stream

ERRORS = MetricConfig(name="errors", type="ratio", numerator="errors", denominator="requests")
GAUGE = MetricConfig(name="queue", type="gauge", field="queue")


def counted(cells, *, null=1.1, unsafe=1.5, metric=ERRORS, noise=0.08, common=0.0):
    """A stream of `(x, n, y, k)` a minute."""
    return Stream(
        metric=metric,
        weight=1.0,
        null=null,
        unsafe=unsafe,
        noise=noise,
        cells=tuple((60.0 * (at + 1), Counts(*cell)) for at, cell in enumerate(cells)),
        common=common,
    )


def gauged(pairs):
    """A stream of a gauge's values a minute."""
    return counted([(x, 1, y, 1) for x, y in pairs], metric=GAUGE)
