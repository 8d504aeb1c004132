"""What a metric source is, and which of Envoy's statistics it reads."""

from collections.abc import Collection, Mapping
from typing import ClassVar, NamedTuple, Protocol

from workflows.domain.canary.measures import Measure
from workflows.domain.canary.spans import Mark, Span

# Of all origins, internal or external. Envoy's own answers for an upstream that gave none are in
# here, too: 503 for a failed connection or a reset, 504 for a timeout.
REQUESTS_SERIES = "envoy_cluster_upstream_rq_xx"
# Holds only requests that the upstream answered.
LATENCY_SERIES = "envoy_cluster_upstream_rq_time_bucket"
UPTIME = "envoy_server_uptime"
CLUSTER = "envoy_cluster_name"
CLASS = "envoy_response_code_class"

ERROR = "5"
# Class 1 precedes the answer of the same request, which is counted in its own class.
ANSWERS = frozenset({"2", "3", "4", ERROR})


class MetricSource(Protocol):
    """Tells what versions did between two moments; an arm's name is `arm_name` of its version.

    `type` is the word for it in catalogs and settings. A moment's points are complete `settles`
    seconds after it; `remembers` says whether the source can look back.

    A watch marks where it begins, and then asks for one span after the other, each from the mark
    of the one before, which is all that it has to keep. No data is never an error: an arm without
    any sample is None, a measure without one is left out, and what was there to count and counted
    nothing is 0.
    """

    type: ClassVar[str]
    remembers: ClassVar[bool]
    settles: float

    def mark(
        self, arms: Collection[str], measures: Collection[Measure], *, at: float | None = None
    ) -> Mark:
        """Where a first span begins: now, or at the moment *at* for a source that remembers.

        Raises:
            Unavailable: the source does not answer, or knows nothing of this environment.
            Refused: the source will not answer: its address, our access or a measure is wrong.
        """

    def span(
        self,
        mark: Mark,
        arms: Collection[str],
        measures: Collection[Measure],
        *,
        until: float | None,
    ) -> Span:
        """What each arm did from *mark* on.

        A source that remembers tells of exactly [mark.at, until), the same however often and
        however late it is asked, once *until* has settled; without *until*, up to the newest
        moment that has. One that cannot look back tells of all up to now, whatever *until* is.

        Raises:
            Unavailable: the source does not answer, or knows nothing of this environment.
            Refused: the source will not answer: its address, our access or a measure is wrong.
        """


class Sample(NamedTuple):
    """One value of one series, as either source spells it."""

    name: str
    labels: Mapping[str, str]
    value: float
