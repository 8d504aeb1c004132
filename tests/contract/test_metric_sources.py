"""The same promises of MetricsPort, kept by the fake, by a real Envoy and by a real Prometheus."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from activities.metrics import SOURCES, MetricsActivities
from tests.contract.metered_mesh import (
    BASELINE,
    CANARY,
    DEAD,
    UNKNOWN,
    Mesh,
    backend,
    eventually,
    prometheus,
)
from tests.fakes.metrics import FakeMetrics
from workflows.domain.canary.series import NO_EDGE, since
from workflows.domain.canary.verdict import MetricRule, Word
from workflows.domain.errors import TargetMissing, Unavailable
from workflows.domain.values import Provider, Target, arm_name
from workflows.ports.metrics import JudgeCanary, OpenWindow, Window

TARGET = Target(service="checkout", environment="staging")
RULES = (
    MetricRule(name="error-rate", type="errorRatio", max_increase=0.1, alpha=0.01, min_samples=50),
    MetricRule(
        name="latency-p90",
        type="latencyQuantile",
        quantile=0.9,
        max_increase=1.0,
        alpha=0.01,
        min_samples=50,
    ),
)


class Measured:
    """Real traffic through a real Envoy, and the port that reads it by one of the sources."""

    def __init__(self, kind: str, mesh: Mesh, url: str) -> None:
        self.kind, self.mesh, self.url = kind, mesh, url
        self.client = httpx.Client()
        self.source = SOURCES[kind](url, environment="staging", client=self.client)
        self.port = MetricsActivities({"staging": self.source})
        self.provider = Provider(type=kind, connection="staging")

    def read(self, canary: str = CANARY, baseline: str = BASELINE) -> Window:
        return self.source.read(
            canary=arm_name("checkout", canary), baseline=arm_name("checkout", baseline)
        )

    def serve(self, digest: str, kind: str, requests: int) -> None:
        """Send, and wait until the source shows it: a scrape and a flush lag behind."""
        before = self.read(digest).canary
        self.mesh.send(digest, kind, requests)
        timed = 0 if kind == "reset" or digest == DEAD else requests
        eventually(
            lambda: grown(before, self.read(digest).canary) == (requests, timed),
            f"{requests} requests of {digest}",
        )

    def go_down(self) -> None:
        self.mesh.stop()
        if self.kind == "prometheus":
            eventually(self.unknown, "Prometheus to notice that Envoy is gone")

    def come_back(self) -> None:
        self.mesh.start()
        self.settle()

    def settle(self) -> None:
        """Wait until the source shows what Envoy's page shows: a scrape may lag behind."""
        eventually(lambda: not self.unknown() and self._agrees(), "the source to catch up")

    def _agrees(self) -> bool:
        page = SOURCES["exposition"](self.mesh.url, environment="staging", client=self.client)
        baseline = arm_name("checkout", BASELINE)
        forgotten = {"since": None}
        for digest in (CANARY, DEAD, BASELINE):
            arm = arm_name("checkout", digest)
            shown, true = (s.read(canary=arm, baseline=baseline) for s in (self.source, page))
            one, other = (r.canary.model_copy(update=forgotten) for r in (shown, true))
            if one != other:
                return False
        return True

    def unknown(self) -> bool:
        try:
            self.read()
        except Unavailable:
            return True
        return False


def grown(before: Any, now: Any) -> tuple[int, int]:
    served = since(before, now)
    return served.requests, served.buckets[-1][1] if served.buckets else 0


class Imagined:
    """The fake, told what the real traffic of a test would be."""

    provider = Provider(type="fake", connection="staging")

    def __init__(self) -> None:
        self.port = FakeMetrics()
        self.port.silent.add(TARGET)

    def serve(self, digest: str, kind: str, requests: int) -> None:
        self.port.requests_per_look = requests
        if digest == CANARY:
            self.port.silent.discard(TARGET)
            self.port.error_ratio[TARGET] = float(kind in ("err", "reset"))
            self.port.slow |= {TARGET} if kind == "slow" else set()

    def go_down(self) -> None:
        self.port.down = True

    def come_back(self) -> None:
        self.port.down = False


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with backend() as port:
        mesh = Mesh(tmp_path_factory.mktemp("envoy"), port)
        mesh.start()
        try:
            yield mesh
        finally:
            mesh.stop()


@contextmanager
def measured_by(kind: str, mesh: Mesh, url: str) -> Iterator[Measured]:
    world = Measured(kind, mesh, url)
    with world.client:
        yield world


@pytest.fixture(scope="module")
def by_exposition(mesh: Mesh) -> Iterator[Measured]:
    with measured_by("exposition", mesh, f"{mesh.url}/stats/prometheus") as world:
        yield world


@pytest.fixture(scope="module")
def by_prometheus(mesh: Mesh, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    with (
        prometheus(tmp_path_factory.mktemp("prometheus"), mesh) as url,
        measured_by("prometheus", mesh, url) as world,
    ):
        yield world


@pytest.fixture(params=["exposition", "prometheus"])
def measured(request: pytest.FixtureRequest) -> Any:
    measured = request.getfixturevalue(f"by_{request.param}")
    measured.settle()
    return measured


@pytest.fixture(params=["fake", "exposition", "prometheus"])
def world(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return Imagined()
    measured = request.getfixturevalue(f"by_{request.param}")
    measured.settle()
    return measured


def opened(world: Any, canary: str = CANARY) -> Window:
    ask = OpenWindow(target=TARGET, source=world.provider, canary=canary, baseline=BASELINE)
    window: Window = world.port.open_window(ask)
    return window


def judged(world: Any, window: Window, canary: str = CANARY) -> Any:
    return world.port.judge_canary(
        JudgeCanary(
            target=TARGET,
            source=world.provider,
            canary=canary,
            baseline=BASELINE,
            window=window,
            rules=RULES,
            look=1,
        )
    )


# Promises of the port


@pytest.mark.parametrize(
    ("kind", "word", "errors"),
    [
        ("ok", Word.PASS, 0),
        ("err", Word.FAIL, 200),
        ("reset", Word.FAIL, 200),
        ("slow", Word.FAIL, 0),
    ],
)
def test_a_canary_is_judged_by_what_it_served_in_the_window(world, kind, word, errors):
    window = opened(world)

    world.serve(BASELINE, "ok", 200)
    world.serve(CANARY, kind, 200)
    verdict = judged(world, window)

    assert verdict.word is word, verdict
    assert (verdict.canary_requests, verdict.canary_errors) == (200, errors)


def test_a_canary_that_served_nothing_is_no_data(world):
    window = opened(world, UNKNOWN)

    world.serve(BASELINE, "ok", 60)

    assert judged(world, window, UNKNOWN).word is Word.NO_DATA


def test_the_same_counts_are_judged_the_same(world):
    window = opened(world)

    world.serve(BASELINE, "ok", 60)
    world.serve(CANARY, "err", 60)

    assert judged(world, window) == judged(world, window)


def test_a_source_that_is_down_is_a_verdict_and_later_answers_again(world):
    window = opened(world)

    world.go_down()
    down = judged(world, window)
    world.come_back()
    world.serve(BASELINE, "ok", 60)
    world.serve(CANARY, "ok", 60)

    assert down.word is Word.PROVIDER_ERROR
    assert down.reason
    assert judged(world, window).word is not Word.PROVIDER_ERROR


# Promises of the sources


def test_a_version_that_cannot_be_reached_fails_every_request(measured):
    before = measured.read(DEAD).canary

    measured.serve(DEAD, "ok", 30)

    served = since(before, measured.read(DEAD).canary)
    assert (served.requests, served.errors) == (30, 30)


def test_latencies_are_counted_in_the_buckets_they_fall_into(measured):
    before = measured.read().canary

    measured.serve(CANARY, "slow", 40)

    buckets = dict(since(before, measured.read().canary).buckets)
    assert (buckets[70.0], buckets[NO_EDGE]) == (0, 40)


def test_a_version_never_seen_has_counted_nothing(measured):
    unseen = measured.read(UNKNOWN).canary

    assert (unseen.requests, unseen.errors) == (0, 0)


def test_what_is_served_after_a_restart_of_envoy_counts_from_zero(measured):
    measured.serve(CANARY, "ok", 50)
    window = measured.read()

    measured.go_down()
    measured.come_back()
    measured.serve(CANARY, "err", 10)

    served = since(window.canary, measured.read().canary)
    assert (served.requests, served.errors) == (10, 10)


def test_a_window_is_not_opened_while_the_source_is_down(measured):
    measured.go_down()
    try:
        with pytest.raises(Unavailable):
            opened(measured)
    finally:
        measured.come_back()


def test_an_unknown_connection_is_missing(measured):
    nowhere = Provider(type=measured.kind, connection="nowhere")
    ask = OpenWindow(target=TARGET, source=nowhere, canary=CANARY, baseline=BASELINE)

    with pytest.raises(TargetMissing):
        measured.port.open_window(ask)


def test_a_prometheus_without_the_environment_cannot_judge_it(by_prometheus):
    moon = SOURCES["prometheus"](
        by_prometheus.url, environment="moon", client=by_prometheus.client
    )

    with pytest.raises(Unavailable, match="environment=moon"):
        moon.read(canary="checkout-1", baseline="checkout-2")
