"""Reads statistics pages themselves, Envoy's and those of the versions, with nothing between."""

import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, ValidationError

from activities.http import plain, spoken_for
from activities.metrics.figures import Bounds, figures, layouts, refuse_unknown
from activities.metrics.source import UPTIME, Sample, counts
from workflows.domain.canary.counters import ArmTotals, increments, together
from workflows.domain.canary.measures import Measure, MeasureKind
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.errors import Refused, ReleaseError, Unavailable
from workflows.ports.metrics import Window

_TIMEOUT_SECONDS = 5.0
_PAGE = "/stats/prometheus"
_INSTANCE_PAGE = "/metrics"
_STARTED = "process_start_time_seconds"


class _Published(BaseModel):
    """What the platform publishes of a running version, as far as it matters here."""

    endpoint: str


class _Page(NamedTuple):
    """One process's samples, and all names that it knows, also those without a sample yet."""

    samples: list[Sample]
    names: frozenset[str] = frozenset()

    def value(self, name: str) -> float | None:
        return next((s.value for s in self.samples if s.name == name), None)


class ExpositionMetrics:
    """The Envoy of *environment*, and its versions' own pages, read anew at each look.

    *url* is the page's address, or only that of Envoy's admin. *instances* is the folder in which
    the platform publishes each running version; its page tells the service's own figures.
    """

    type: ClassVar[str] = "exposition"
    remembers: ClassVar[bool] = False

    def __init__(
        self,
        url: str,
        *,
        environment: str,
        client: httpx.Client,
        instances: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        page = httpx.URL(url)
        # Thousands of series that were never written are left out, cluster by cluster.
        self._page = page.copy_with(
            path=_PAGE if page.path in ("", "/") else page.path, query=page.query or b"usedonly"
        )
        self._environment = environment
        self._called = f"the statistics page of Envoy {environment}"
        self._client = client
        self._instances = instances
        self._clock = clock
        self.settles = 0.0

    def mark(
        self, arms: Collection[str], measures: Collection[Measure], *, at: float | None = None
    ) -> Mark:
        """See MetricSource: always now, since pages do not remember."""
        del at
        return self._look(Mark(at=0.0), arms, measures).mark

    def span(
        self,
        mark: Mark,
        arms: Collection[str],
        measures: Collection[Measure],
        *,
        until: float | None,
    ) -> Span:
        """See MetricSource: from *mark* to now, since pages do not remember."""
        del until
        look = self._look(mark, arms, measures)
        gauges = {m.name for m in measures if m.kind is MeasureKind.GAUGE}
        windows = {
            arm: together(
                (
                    increments(mark.totals.get(arm, {}).get(process), totals)
                    for process, totals in look.mark.totals[arm].items()
                ),
                gauges=gauges,
            )
            for arm in arms
        }
        return look.model_copy(update={"arms": windows})

    def read(self, *, canary: str, baseline: str) -> Window:
        page = self._read_envoy()
        at = self._clock()
        # Set at Envoy's first flush, so a page without it is one that has only just started.
        since = at - (page.value(UPTIME) or 0.0)
        return Window(
            at=at,
            canary=counts(canary, page.samples, since=since),
            baseline=counts(baseline, page.samples, since=since),
        )

    def _look(self, before: Mark, arms: Collection[str], measures: Collection[Measure]) -> Span:
        """All pages at one instant, as a span that knows no windows yet."""
        refuse_unknown(measures)
        routed = [measure for measure in measures if measure.of_router]
        own = [measure for measure in measures if not measure.of_router]
        addresses = self._addresses(arms, own)
        envoy = self._read_envoy() if routed else _Page([])
        warnings: list[str] = []
        pages = self._read_instances(addresses, own, warnings)
        at = self._clock()
        own = _shown(own, pages.values(), warnings)
        samples = [*envoy.samples, *(s for page in pages.values() for s in page.samples)]
        bounds = layouts(measures, samples, kept=before.bounds)
        totals: dict[str, dict[str, ArmTotals]] = {arm: {} for arm in arms}
        for arm in arms:
            tell = partial(_told, arm, bounds=bounds, warnings=warnings)
            if routed:
                # Set at Envoy's first flush, so a page without it is of one that just started.
                uptime = envoy.value(UPTIME) or 0.0
                totals[arm]["envoy"] = tell(routed, envoy, since=at - uptime)
            if own and arm in pages:
                page = pages[arm]
                totals[arm]["instance"] = tell(own, page, since=page.value(_STARTED))
        return Span(
            mark=Mark(at=at, totals=totals, bounds=bounds), arms={}, warnings=tuple(warnings)
        )

    def _read_envoy(self) -> _Page:
        page = self._read(self._page, self._called)
        if not any(sample.name.startswith("envoy_") for sample in page.samples):
            raise Unavailable(f"{self._called} at {plain(self._page)} shows none of an Envoy's")
        return page

    def _addresses(self, arms: Collection[str], own: Collection[Measure]) -> dict[str, Path]:
        """Where the platform publishes each version; nowhere, if no figure of theirs is asked."""
        where = f"metrics.{self._environment}"
        for measure in own:
            if measure.query is not None:
                raise Refused(
                    f"measure {measure.name}: a page cannot be queried, only a Prometheus can; "
                    f"{where} is of type {self.type}"
                )
            if self._instances is None:
                raise Refused(
                    f"measure {measure.name}: it is on the versions' own pages, which {where} "
                    f"finds through platforms.{self._environment}; add that to the settings"
                )
        if not own or self._instances is None:
            return {}
        return {arm: self._instances / f"{arm}.json" for arm in arms}

    def _read_instances(
        self, addresses: Mapping[str, Path], measures: Collection[Measure], warnings: list[str]
    ) -> dict[str, _Page]:
        """The page of each version that shows one; the others' reason goes to *warnings*."""
        labels = {measure.arm_label for measure in measures}
        pages: dict[str, _Page] = {}
        for arm, published in addresses.items():
            try:
                page = self._read(_address(published), f"the metrics page of {arm}")
            except ReleaseError as error:
                warnings.append(f"no sample of {arm}: {error}")
            else:
                # A version's own page is about that version, whether it says so or not.
                said = dict.fromkeys(labels, arm)
                own = [Sample(s.name, {**said, **s.labels}, s.value) for s in page.samples]
                pages[arm] = _Page(own, page.names)
        return pages

    def _read(self, page: httpx.URL, called: str) -> _Page:
        with spoken_for(called):
            answer = self._client.get(page, timeout=_TIMEOUT_SECONDS)
            answer.raise_for_status()
        try:
            families = list(text_string_to_metric_families(answer.text))
        except ValueError:
            families = []
        if not families:
            raise Unavailable(f"{called} at {plain(page)} shows no metrics")
        # The parser gives every counter the suffix that OpenMetrics wants.
        samples = [
            Sample(sample.name.removesuffix("_total"), sample.labels, sample.value)
            for family in families
            for sample in family.samples
        ]
        names = {family.name for family in families} | {sample.name for sample in samples}
        return _Page(samples, frozenset(names))


def _address(published: Path) -> httpx.URL:
    try:
        endpoint = _Published.model_validate_json(published.read_bytes()).endpoint
    except FileNotFoundError:
        raise Unavailable(f"the platform has not published {published.name}") from None
    except ValidationError as error:
        raise Refused(f"{published}: not a published instance: {error}") from error
    return httpx.URL(f"http://{endpoint}{_INSTANCE_PAGE}")


def _shown(
    measures: Collection[Measure], pages: Collection[_Page], warnings: list[str]
) -> list[Measure]:
    """The measures that some page knows; of the others nothing may be concluded, zero least."""
    shown = []
    for measure in measures:
        selector = measure.selector
        if selector is None or any(_knows(page, measure) for page in pages):
            shown.append(measure)
        elif pages:
            warnings.append(
                f"{measure.name}: no version's page shows {selector}: correct it, or have the "
                "service show it with 0 before the first event"
            )
    return shown


def _knows(page: _Page, measure: Measure) -> bool:
    selector = measure.selector
    if selector is None or not selector.labels:
        return selector is not None and selector.series.removesuffix("_total") in page.names
    suffix = "_bucket" if measure.kind is MeasureKind.HISTOGRAM else ""
    return any(selector.matches(s.name.removesuffix(suffix), s.labels) for s in page.samples)


def _told(
    arm: str,
    measures: Collection[Measure],
    page: _Page,
    *,
    bounds: Bounds,
    since: float | None,
    warnings: list[str],
) -> ArmTotals:
    told = figures(arm, measures, page.samples, bounds=bounds, since=since)
    warnings.extend(told.warnings)
    return told.totals
