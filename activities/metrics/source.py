"""What a metric source is, and how Envoy's statistics become the counts of one version."""

import math
from collections.abc import Iterable, Mapping
from typing import ClassVar, NamedTuple, Protocol

from workflows.domain.canary.series import NO_EDGE
from workflows.domain.canary.verdict import ArmCounts
from workflows.ports.metrics import Window

# Of all origins, internal or external. Envoy's own answers for an upstream that gave none are in
# here, too: 503 for a failed connection or a reset, 504 for a timeout.
REQUESTS = "envoy_cluster_upstream_rq_xx"
# Holds only requests that the upstream answered.
LATENCY = "envoy_cluster_upstream_rq_time_bucket"
UPTIME = "envoy_server_uptime"
CLUSTER = "envoy_cluster_name"

_ERRORS = "5"
# Class 1 precedes the answer of the same request, which is counted in its own class.
_ANSWERS = {"2", "3", "4", _ERRORS}


class MetricSource(Protocol):
    """Reads what two versions have served; an arm's name is its Envoy cluster's.

    `type` is the word for it in catalogs and settings.
    """

    type: ClassVar[str]

    def read(self, *, canary: str, baseline: str) -> Window:
        """Both versions' cumulative counts at one instant; zeros for one that served nothing.

        Raises:
            Unavailable: the source does not answer, or knows nothing of this environment.
            Refused: the source will not answer: its address or our access is wrong.
        """


class Sample(NamedTuple):
    """One value of one series, as either source spells it."""

    name: str
    labels: Mapping[str, str]
    value: float


def counts(arm: str, samples: Iterable[Sample], *, since: float | None) -> ArmCounts:
    """One version's counts; a value that is no number counts as not there.

    Client errors (4xx) are the clients'; only 5xx count as the version's errors.
    """
    ours = [s for s in samples if s.labels.get(CLUSTER) == arm and math.isfinite(s.value)]
    answers = [
        (s.labels.get("envoy_response_code_class"), s.value) for s in ours if s.name == REQUESTS
    ]
    buckets: dict[float, float] = {}
    for sample in ours:
        if sample.name == LATENCY:
            edge = _edge(sample.labels["le"])
            buckets[edge] = buckets.get(edge, 0) + sample.value
    return ArmCounts(
        requests=round(sum(value for kind, value in answers if kind in _ANSWERS)),
        errors=round(sum(value for kind, value in answers if kind == _ERRORS)),
        buckets=tuple((edge, round(count)) for edge, count in sorted(buckets.items())),
        since=since,
    )


def _edge(le: str) -> float:
    edge = float(le)
    return edge if math.isfinite(edge) else NO_EDGE
