"""An objective over a service's own counters, kept by a real Prometheus and the real watch."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from activities.metrics.prometheus import PrometheusMetrics
from activities.metrics.watcher import Watcher
from tests.builders import CANARY as LADDER
from tests.builders import a_catalog, a_release, a_service, analysis
from tests.contract.counted_shop import SCRAPED_EVERY, Prometheus, Version
from tests.contract.metered_mesh import BASELINE, CANARY, Mesh, backend
from tests.loopback import eventually
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.watch import Cause, Watched, WatchRules
from workflows.domain.release.plan import Analysis
from workflows.domain.release.planning import compile_plan
from workflows.domain.spec import Catalog, Release
from workflows.domain.values import Provider, Target, Value, arm_name
from workflows.ports.metrics import WatchCanary

BEAT_SECONDS = 0.02


def counted(query: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


SLO = {
    "apiVersion": "openslo/v1",
    "kind": "SLO",
    "metadata": {"name": "orders-accepted"},
    "spec": {
        "indicator": {
            "spec": {
                "ratioMetric": {
                    "counter": True,
                    "good": counted('sum(rate(shop_orders_total{status="accepted"}[5m]))'),
                    "total": counted("sum(rate(shop_orders_total[5m]))"),
                }
            }
        },
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": 0.99}],
    },
}


class RealPace:
    """Time as it passes; nothing is kept for a successor."""

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        threading.Event().wait(seconds)

    def beat(self, state: Value) -> None:
        """There is no server to tell."""

    def kept(self, kind: type[Any]) -> None:
        return None


def planned() -> Analysis:
    """The analysis of a release whose catalog keeps and compares the objective."""
    stage = analysis(duration="4s", interval="1s")
    steps = tuple(stage if "analysis" in step else step for step in LADDER)
    catalog = a_catalog(services=("checkout",), environments=("staging",), steps=steps)
    catalog["environments"]["staging"]["metrics"] = {"type": "prometheus", "connection": "staging"}
    catalog["services"]["checkout"]["slos"] = ["orders-accepted"]
    catalog["analysisTemplates"]["golden"]["timeScale"] = 0.005
    metric = {"name": "accepted", "type": "slo", "sloRef": "orders-accepted"}
    catalog["analysisTemplates"]["golden"]["metrics"].append(metric)
    catalog["slos"] = {"orders-accepted": SLO}
    release = Release.model_validate(a_release(a_service("checkout"), environments=("staging",)))
    plan = compile_plan("shop", release.spec, Catalog.model_validate(catalog))
    return next(s.analysis for s in plan.promotions[0].steps if s.analysis is not None)


class Shop:
    """Two versions that take orders, behind a mesh, and what Prometheus tells of them."""

    def __init__(
        self,
        mesh: Mesh,
        versions: dict[str, Version],
        server: Prometheus,
        source: PrometheusMetrics,
    ) -> None:
        self.mesh, self.versions = mesh, versions
        self.server, self.source = server, source

    @contextmanager
    def taking_orders(self, *, declined_of_ten: int) -> Iterator[None]:
        """The new version declines so many of ten orders, the old one none.

        What happened is on record when it is over, so that the next watch begins after it.
        """
        over = threading.Event()

        def take() -> None:
            while not over.wait(BEAT_SECONDS):
                accepted = 10 - declined_of_ten
                ours, theirs = self.versions[CANARY].counts, self.versions[BASELINE].counts
                for digest in self.versions:
                    self.mesh.send(digest, "ok", 2)
                ours.update(accepted=accepted, declined=declined_of_ten)
                theirs.update(accepted=10)

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            until = self.server.now() + 2 * SCRAPED_EVERY
            eventually(lambda: self.server.now() > until, "the last orders to be scraped")

    def watch(self) -> Watched:
        found = planned()
        ask = WatchCanary(
            target=Target(service="checkout", environment="staging"),
            source=Provider(type="prometheus", connection="staging"),
            canary=CANARY,
            baseline=BASELINE,
            measures=found.measures,
            rules=WatchRules(judge=found.judge, thresholds=found.thresholds),
        )
        return Watcher(self.source, ask, pace=RealPace(), tell=lambda _: None).watch()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    versions = {digest: Version(digest) for digest in (CANARY, BASELINE)}
    with backend() as port:
        mesh = Mesh(tmp_path_factory.mktemp("envoy"), port)
        mesh.start()
        for version in versions.values():
            version.start()
        server = Prometheus(tmp_path_factory.mktemp("prometheus"), mesh, list(versions.values()))
        server.start()
        try:
            eventually(lambda: is_measured(server), "both versions to be scraped")
            with httpx.Client() as client:
                source = PrometheusMetrics(
                    server.url, environment="staging", client=client, scraped_every=SCRAPED_EVERY
                )
                yield Shop(mesh, versions, server, source)
        finally:
            server.kill()
            for version in versions.values():
                version.stop()
            mesh.stop()


def is_measured(server: Prometheus) -> bool:
    arms = "|".join(arm_name("checkout", digest) for digest in (CANARY, BASELINE))
    asked = {"query": f'count(count by (arm) (shop_orders_total{{arm=~"{arms}"}}))'}
    told = httpx.get(f"{server.url}/api/v1/query", params=asked).json()["data"]["result"]
    return bool(told) and told[0]["value"][1] == "2"


def test_a_version_that_burns_its_budget_is_turned_back_by_the_slo(shop):
    with shop.taking_orders(declined_of_ten=4):
        watched = shop.watch()

    assert (watched.verdict.word, watched.cause) == (Word.FAIL, Cause.THRESHOLD)
    assert watched.verdict.reason.startswith("threshold orders-accepted-burn-14.4x: 40 % above")
    assert watched.early


def test_a_version_within_its_budget_is_not(shop):
    with shop.taking_orders(declined_of_ten=0):
        watched = shop.watch()

    assert watched.verdict.word is not Word.FAIL
    assert watched.cause is None
    (accepted,) = [m for m in watched.verdict.metrics if m.name == "accepted"]
    assert accepted.canary_samples > 0
