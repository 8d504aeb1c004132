"""One source of metrics each, and the real traffic and counters that it tells of."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from activities.metrics.cloudwatch import CloudWatchMetrics
from activities.metrics.exposition import ExpositionMetrics
from activities.metrics.prometheus import PrometheusMetrics
from tests.contract.cloud_shop import OWN, CloudShop
from tests.contract.counted_shop import SCRAPED_EVERY, Prometheus, Version
from tests.contract.metered_mesh import BASELINE, CANARY, DEAD, UNKNOWN, Mesh
from tests.fakes.metrics import Behaviour, FakeSource
from tests.loopback import eventually
from workflows.domain.canary.measures import (
    LATENCY,
    ROUTER,
    Measure,
    MeasureKind,
    Selector,
)
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.values import arm_name

ARM, OTHER, UNREACHABLE, NOBODY = (
    arm_name("checkout", digest) for digest in (CANARY, BASELINE, DEAD, UNKNOWN)
)
ARMS = (ARM, OTHER)
DIGESTS = {ARM: CANARY, OTHER: BASELINE, UNREACHABLE: DEAD}


def of_shop(name: str, kind: MeasureKind, series: str, **labels: str) -> Measure:
    return Measure(name=name, kind=kind, selector=Selector(series=series, labels=labels))


ASKED = of_shop("asked", MeasureKind.COUNTER, "shop_orders_total")
ACCEPTED = of_shop("accepted", MeasureKind.COUNTER, "shop_orders_total", status="accepted")
DEPTH = of_shop("depth", MeasureKind.GAUGE, "shop_queue_depth")


class World:
    """Real traffic and real counters, and one source that tells of them."""

    source: Any
    measures: tuple[Measure, ...] = (*ROUTER, ASKED, ACCEPTED)

    def __init__(self, mesh: Mesh, shop: dict[str, Version], client: httpx.Client) -> None:
        self.mesh, self.shop = mesh, shop
        self._page = ExpositionMetrics(mesh.url, environment="staging", client=client)

    def mark(self, measures: tuple[Measure, ...] | None = None) -> Mark:
        self.settled()
        mark: Mark = self.source.mark(ARMS, measures or self.measures)
        return mark

    def span(
        self,
        mark: Mark,
        measures: tuple[Measure, ...] | None = None,
        arms: tuple[str, ...] = ARMS,
    ) -> Span:
        """What happened from *mark* to now, once that is settled."""
        until = self.settled()
        span: Span = self.source.span(mark, arms, measures or self.measures, until=until)
        return span

    def serve(self, arm: str, kind: str, requests: int) -> None:
        """Send, and wait for Envoy's flush: its latencies are as old as that, its counts not."""
        before = self._timed(arm)
        self.mesh.send(DIGESTS[arm], kind, requests)
        timed = 0 if kind == "reset" or arm == UNREACHABLE else requests
        eventually(lambda: self._timed(arm) == before + timed, "Envoy's flush")

    def _timed(self, arm: str) -> float:
        """How many latencies Envoy's own page has of *arm*."""
        envoy = self._page.mark((arm,), (LATENCY,)).totals[arm]["envoy"]
        return sum(envoy.histograms["latency"])

    def order(self, arm: str, *, accepted: int = 0, declined: int = 0) -> None:
        self.shop[arm].counts.update(accepted=accepted, declined=declined)

    def settled(self) -> float | None:
        """Wait until all that has happened is on record, and say up to when."""

    def now(self) -> float:
        """By the clock of this machine, on which the sources are as well."""
        return time.time()

    def pass_to(self, moment: float) -> None:
        eventually(lambda: self.now() >= moment, "time to pass")


class ByExposition(World):
    def __init__(
        self, mesh: Mesh, shop: dict[str, Version], client: httpx.Client, instances: Path
    ) -> None:
        super().__init__(mesh, shop, client)
        for arm, version in shop.items():
            (instances / f"{arm}.json").write_text(f'{{"endpoint": "127.0.0.1:{version.port}"}}')
        self.source = ExpositionMetrics(
            mesh.url, environment="staging", client=client, instances=instances
        )

    @contextmanager
    def down(self) -> Iterator[None]:
        self.mesh.stop()
        try:
            yield
        finally:
            self.mesh.start()


class ByPrometheus(World):
    def __init__(
        self, mesh: Mesh, shop: dict[str, Version], client: httpx.Client, server: Prometheus
    ) -> None:
        super().__init__(mesh, shop, client)
        self.server = server
        self.source = PrometheusMetrics(
            server.url,
            environment="staging",
            client=client,
            scraped_every=SCRAPED_EVERY,
            jitter=0.25,
        )

    def settled(self) -> float:
        until = self.server.now() + 1.5 * SCRAPED_EVERY
        eventually(lambda: self.server.now() > until + self.source.settles, "points to settle")
        return until

    @contextmanager
    def down(self) -> Iterator[None]:
        self.server.kill()
        try:
            yield
        finally:
            self.server.start()


class ByCloudWatch:
    """Points in moto, as a load balancer and the versions would put them, second by second.

    Moto keeps no trimmed counts, so there are no latencies here; see test_cloudwatch.py.
    """

    measures = (
        *ROUTER[:2],
        of_shop("asked", MeasureKind.COUNTER, "orders"),
        of_shop("accepted", MeasureKind.COUNTER, "orders", status="accepted"),
    )

    def __init__(self, cloud: CloudShop) -> None:
        self.cloud = cloud
        self.source = CloudWatchMetrics(
            environment="staging",
            client=cloud.asked,
            balancers=lambda: cloud.balancers,
            namespace=OWN,
            period=1,
            settles=0.0,
        )

    def mark(self, measures: tuple[Measure, ...] | None = None) -> Mark:
        mark = self.source.mark(ARMS, measures or self.measures)
        eventually(lambda: time.time() > mark.at, "the period to begin")
        return mark

    def span(
        self,
        mark: Mark,
        measures: tuple[Measure, ...] | None = None,
        arms: tuple[str, ...] = ARMS,
    ) -> Span:
        until = self.settled()
        for arm in ARMS:
            for second in range(int(mark.at), int(until)):
                self.cloud.routed(arm, "HealthyHostCount", 1, at=second + 0.5)
        return self.source.span(mark, arms, measures or self.measures, until=until)

    def settled(self) -> float:
        for arm in ARMS:
            self.order(arm)
        until = time.time() // 1 + 1
        eventually(lambda: time.time() > until, "the period to end")
        return until

    def serve(self, arm: str, kind: str, requests: int) -> None:
        """A load balancer tells of no count that is zero."""
        if requests:
            self.cloud.routed(arm, "RequestCount", requests)
        if requests and kind == "err":
            self.cloud.routed(arm, "HTTPCode_Target_5XX_Count", requests)

    def order(self, arm: str, *, accepted: int = 0, declined: int = 0) -> None:
        self.cloud.own(arm, "orders", accepted + declined)
        self.cloud.own(arm, "orders", accepted, status="accepted")

    def down(self) -> AbstractContextManager[None]:
        return self.cloud.down()


class _Told:
    """What the fake source asks of its world."""

    def __init__(self) -> None:
        self.clock = 1_000_000.0
        self.down = False
        self.done: dict[str, Counter[str]] = {arm: Counter() for arm in ARMS}

    @property
    def requests_per_look(self) -> int:
        return sum(done["requests"] for done in self.done.values())

    def behaviour(self, arm: str, environment: str) -> Behaviour | None:
        assert environment == "staging"
        if (done := self.done.get(arm)) is None:
            return None
        requests = done["requests"]
        return Behaviour(
            share=requests / (self.requests_per_look or 1),
            errors=done["errors"] / (requests or 1),
            slow=done["slow"] > 0,
            figures={name: done[name] / (requests or 1) for name in ("asked", "accepted")},
        )


class _Served(FakeSource):
    """What is served is in one span alone, as it would be of real counters."""

    def span(self, *asked: Any, **more: Any) -> Span:
        span = super().span(*asked, **more)
        for done in self._world.done.values():
            done.clear()
        return span


class ByFake:
    """The fake source, told what real traffic would have been; see tests/fakes/metrics.py."""

    measures = (*ROUTER[:2], ASKED, ACCEPTED)

    def __init__(self) -> None:
        self._told = _Told()
        self.source = _Served(self._told, "staging")

    def mark(self, measures: tuple[Measure, ...] | None = None) -> Mark:
        return self.source.mark(ARMS, measures or self.measures)

    def span(
        self,
        mark: Mark,
        measures: tuple[Measure, ...] | None = None,
        arms: tuple[str, ...] = ARMS,
    ) -> Span:
        self._told.clock += 1
        return self.source.span(mark, arms, measures or self.measures, until=self.now())

    def serve(self, arm: str, kind: str, requests: int) -> None:
        failed = requests if kind in ("err", "reset") else 0
        slow = requests if kind == "slow" else 0
        self._told.done[arm].update(requests=requests, errors=failed, slow=slow)

    def order(self, arm: str, *, accepted: int = 0, declined: int = 0) -> None:
        self._told.done[arm].update(asked=accepted + declined, accepted=accepted)

    def settled(self) -> float:
        return self.now()

    def now(self) -> float:
        return self._told.clock

    def pass_to(self, moment: float) -> None:
        self._told.clock = max(self._told.clock, moment)

    @contextmanager
    def down(self) -> Iterator[None]:
        self._told.down = True
        try:
            yield
        finally:
            self._told.down = False
