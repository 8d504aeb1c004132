"""What is measured of each version: the router's own figures, or a business figure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from workflows.domain.values import Value

ARM_PLACE = "$arm"
"""Where a measure's own query says which version it asks for: `{arm="$arm"}`."""


class MeasureKind(StrEnum):
    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


class Selector(Value):
    """The series of one name that carry all of these labels with these values."""

    series: str
    labels: dict[str, str] = {}

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a series is meant; `_total` may be missing, as some expositions leave it out."""
        return name.removesuffix("_total") == self.series.removesuffix("_total") and all(
            labels.get(label) == value for label, value in self.labels.items()
        )

    def __str__(self) -> str:
        told = ", ".join(f'{label}="{value}"' for label, value in sorted(self.labels.items()))
        return f"{self.series}{{{told}}}" if told else self.series


class Measure(Value):
    """One figure of each version, under the name that windows and metrics call it.

    Without `selector` and `query` it is a figure of the router: `REQUESTS`, `ERRORS`, `LATENCY`.
    With `selector` it is a figure of the service's own, whose series tell the versions apart by
    the label `arm_label`, which holds the arm's name. With `query` it is asked in the source's own
    language, with ARM_PLACE where the arm's name goes: for a counter or a histogram one selector
    of series, for a gauge any expression that gives one number.

    `bounds` are the upper edges of a histogram's buckets, rising and without the last, open one.
    Prometheus and Envoy tell their own; given all the same, counts are added up to these edges.
    """

    name: str
    kind: MeasureKind
    selector: Selector | None = None
    query: str | None = None
    arm_label: str = "arm"
    bounds: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.selector is not None and self.query is not None:
            raise ValueError(f"{self.name}: give a selector or a query, not both")
        if self.query is not None and ARM_PLACE not in self.query:
            raise ValueError(
                f"{self.name}: the query must say {ARM_PLACE} where the version goes, as in "
                f'{{{self.arm_label}="{ARM_PLACE}"}}; found {self.query!r}'
            )
        if list(self.bounds) != sorted(set(self.bounds)):
            raise ValueError(f"{self.name}: bounds must rise; found {self.bounds}")
        return self

    @property
    def of_router(self) -> bool:
        return self.selector is None and self.query is None


REQUESTS = Measure(name="requests", kind=MeasureKind.COUNTER)
"""Requests that the router sent to the version, and got or failed to get an answer for."""

ERRORS = Measure(name="errors", kind=MeasureKind.COUNTER)
"""Those of them that ended with a 5xx, the router's own for an answer that never came included."""

LATENCY = Measure(name="latency", kind=MeasureKind.HISTOGRAM)
"""Milliseconds until the version had answered; requests that it never answered have none."""

ROUTER = (REQUESTS, ERRORS, LATENCY)
