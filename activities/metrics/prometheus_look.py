"""One span as a Prometheus server remembers it: raw points, scrape by scrape, to windows."""

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from activities.metrics.figures import (
    ASKED_FOR,
    Bounds,
    asked_series,
    figures,
    layouts,
)
from activities.metrics.prometheus_api import PrometheusApi, Series, selector
from activities.metrics.source import CLUSTER, LATENCY_SERIES, REQUESTS_SERIES, UPTIME, Sample
from workflows.domain.canary.counters import Reading, over, together
from workflows.domain.canary.measures import ARM_PLACE, Measure, MeasureKind
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.canary.windows import ArmWindow
from workflows.domain.errors import Refused
from workflows.domain.slo.promql import with_matcher

NAME = "__name__"
_STARTED = "process_start_time_seconds"
_UP = "up"

Process = tuple[str, str]
"""A scraped process: its job and instance."""

Scrapes = dict[Process, dict[float, list[Sample]]]
"""The samples of each process, by the time of the scrape that brought them."""


class Look(NamedTuple):
    """The span of one environment from *mark* to *end*; *tolerance* is the age of a lost point."""

    api: PrometheusApi
    labels: Mapping[str, str]
    tolerance: float
    mark: Mark
    end: float
    warnings: list[str]

    def taken(self, arms: Collection[str], measures: Collection[Measure]) -> Span:
        """What each arm did, and what of it is not known.

        Raises:
            Unavailable: the server does not answer.
            Refused: it will not, or a measure's query is none.
        """
        routed = [measure for measure in measures if measure.of_router]
        asked = [measure for measure in measures if _is_expression(measure)]
        own = [m for m in measures if not m.of_router and m not in asked]
        router = self._routers_scrapes(arms) if routed else {}
        versions = self._versions_scrapes(arms, own)
        own = self._known(own, versions)
        samples = [s for each in (router, versions) for at in each.values() for s in _flat(at)]
        bounds = layouts([*routed, *own], samples, kept=self.mark.bounds)
        windows = {}
        for arm in arms:
            parts = [
                *self._parts(arm, routed, router, bounds=bounds, since=_router_since),
                *self._parts(arm, own, versions, bounds=bounds, since=_version_since),
                self._answered(arm, asked),
            ]
            gauges = {m.name for m in own if m.kind is MeasureKind.GAUGE}
            windows[arm] = together(parts, gauges=gauges)
        mark = Mark(at=self.end, bounds=bounds)
        return Span(mark=mark, arms=windows, warnings=tuple(dict.fromkeys(self.warnings)))

    def _routers_scrapes(self, arms: Collection[str]) -> Scrapes:
        """Each Envoy's scrapes; one that brought no uptime is of an Envoy that just started."""
        names = f'{NAME}=~"{REQUESTS_SERIES}|{LATENCY_SERIES}|{UPTIME}"'
        # The empty alternative is the uptime's, which is of no cluster.
        found = self._points(selector(self.labels, names, one_of(CLUSTER, [*arms, ""])))
        scrapes = _by_scrape((series, series.metric) for series in found)
        return {
            process: {
                at: samples
                for at, samples in by_time.items()
                if any(sample.name == UPTIME for sample in samples)
            }
            for process, by_time in scrapes.items()
        }

    def _versions_scrapes(self, arms: Collection[str], measures: Collection[Measure]) -> Scrapes:
        """Each version's own scrapes, with whatever shows that it was there to be scraped."""
        named: dict[str, set[str]] = defaultdict(set)
        for measure in measures:
            series_of_arm = named[measure.arm_label]
            if measure.selector is not None:
                series_of_arm.add(_series_of(measure, measure.selector.series))
        labelled: list[tuple[Series, Mapping[str, str]]] = []
        for label, series in named.items():
            names = one_of(NAME, {*series, _STARTED, _UP})
            query = selector(self.labels, names, one_of(label, arms))
            labelled += [(found, found.metric) for found in self._points(query)]
        for measure in measures:
            if measure.query is not None:
                for arm in arms:
                    query = self._here(measure.query).replace(ARM_PLACE, arm)
                    told = {NAME: _series_of(measure, asked_series(measure)), ASKED_FOR: arm}
                    found_here = self._points(query)
                    labelled += [(found, {**found.metric, **told}) for found in found_here]
        return _by_scrape(labelled)

    def _here(self, query: str) -> str:
        """*query* for this environment alone: the same version may serve in others, too.

        One that says itself which environment it asks for is left alone, and so is one that is no
        PromQL to us: the server is the one to say so.
        """
        for label, value in self.labels.items():
            try:
                query = with_matcher(query, label, value)
            except Refused:
                return query
        return query

    def _points(self, query: str) -> list[Series]:
        span = round(1000 * (self.end - self.mark.at + self.tolerance))
        return self.api.vector(f"{query}[{span}ms]", at=self.end, warnings=self.warnings)

    def _parts(
        self,
        arm: str,
        measures: Collection[Measure],
        scrapes: Scrapes,
        *,
        bounds: Bounds,
        since: Callable[[float, Iterable[Sample]], float | None],
    ) -> list[ArmWindow | None]:
        """The arm's window by each process that counted it."""
        parts = []
        for by_time in scrapes.values():
            readings = []
            for at, samples in by_time.items():
                if measures and _shows(samples, arm, measures):
                    began = since(at, samples)
                    told = figures(arm, measures, samples, bounds=bounds, since=began)
                    self.warnings.extend(told.warnings)
                    readings.append(Reading(at, told.totals))
            parts.append(
                over(readings, start=self.mark.at, end=self.end, tolerance=self.tolerance)
            )
        return parts

    def _answered(self, arm: str, measures: Collection[Measure]) -> ArmWindow | None:
        """What expressions give at the end of the span."""
        values = {}
        for measure in measures:
            query = self._here(measure.query or "").replace(ARM_PLACE, arm)
            found = self.api.vector(query, at=self.end, warnings=self.warnings)
            if len(found) == 1 and math.isfinite(found[0].value[1]):
                values[measure.name] = found[0].value[1]
            elif found:
                said = f"{len(found)} series" if len(found) > 1 else "no number"
                self.warnings.append(f"{measure.name} of {arm}: expected one number, found {said}")
        return ArmWindow(values=values) if values else None

    def _known(self, measures: Collection[Measure], scrapes: Scrapes) -> list[Measure]:
        """The measures that the server has ever had; of the others nothing may be concluded.

        A counter that was never incremented has no series: it is zero if it is known from
        earlier, and a slip of the pen if nobody has ever seen it.
        """
        samples = [s for by_time in scrapes.values() for s in _flat(by_time)]
        known = []
        for measure in measures:
            if any(_brought(measure, sample) for sample in samples):
                known.append(measure)
                continue
            asked = self._of_any_version(measure)
            if self.api.has_series(asked, until=self.end):
                known.append(measure)
            else:
                self.warnings.append(
                    f"{measure.name}: Prometheus at {self.api.shown} has never had a series "
                    f"{asked}: correct it, or have the service show it with 0 before the "
                    "first event"
                )
        return known

    def _of_any_version(self, measure: Measure) -> str:
        """The selector of *measure*'s series, whichever version's they are."""
        if measure.query is not None:
            exact, any_of = f'="{ARM_PLACE}"', '=~".+"'
            return self._here(measure.query).replace(exact, any_of).replace(ARM_PLACE, ".+")
        name, labels = {}, {}
        if measure.selector is not None:
            name = {NAME: _series_of(measure, measure.selector.series)}
            labels = measure.selector.labels
        return selector(name | dict(self.labels) | labels)


def _brought(measure: Measure, sample: Sample) -> bool:
    """Whether *sample* is one of *measure*'s, of whatever version."""
    if measure.selector is None:
        return sample.name == _series_of(measure, asked_series(measure))
    return measure.selector.matches(sample.name.removesuffix("_bucket"), sample.labels)


def one_of(label: str, values: Iterable[str]) -> str:
    """The matcher of any of *values*, letter by letter."""
    return f"{label}=~{json.dumps('|'.join(re.escape(value) for value in sorted(values)))}"


def _is_expression(measure: Measure) -> bool:
    return measure.query is not None and measure.kind is MeasureKind.GAUGE


def _series_of(measure: Measure, name: str) -> str:
    return f"{name}_bucket" if measure.kind is MeasureKind.HISTOGRAM else name


def _flat(by_time: Mapping[float, list[Sample]]) -> Iterable[Sample]:
    for samples in by_time.values():
        yield from samples


def _by_scrape(found: Iterable[tuple[Series, Mapping[str, str]]]) -> Scrapes:
    """All samples that one scrape brought bear its time, which tells them from others."""
    scrapes: Scrapes = defaultdict(lambda: defaultdict(list))
    for series, labels in found:
        process = (labels.get("job", ""), labels.get("instance", ""))
        name = labels.get(NAME, "")
        for at, value in dict(series.values).items():
            scrapes[process][at].append(Sample(name, labels, value))
    return scrapes


def _shows(samples: Collection[Sample], arm: str, measures: Collection[Measure]) -> bool:
    """Whether this scrape was of a process that counts *arm*; an Envoy counts all of them."""
    if any(measure.of_router for measure in measures):
        return True
    labels = {ASKED_FOR, *(measure.arm_label for measure in measures)}
    return any(
        arm in (sample.labels.get(label) for label in labels)
        for sample in samples
        if sample.name != _UP or sample.value == 1
    )


def _router_since(at: float, samples: Iterable[Sample]) -> float | None:
    return next((at - sample.value for sample in samples if sample.name == UPTIME), None)


def _version_since(at: float, samples: Iterable[Sample]) -> float | None:
    del at
    return next((sample.value for sample in samples if sample.name == _STARTED), None)
