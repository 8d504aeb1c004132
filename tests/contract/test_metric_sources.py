"""The same promises of MetricSource, kept by each source on real counters, and by the fake."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any, TypeVar

import httpx
import pytest

from activities.metrics import MetricsActivities
from activities.metrics.prometheus import PrometheusMetrics
from tests.contract.cloud_shop import CloudShop
from tests.contract.counted_shop import SCRAPED_EVERY, Prometheus, Version
from tests.contract.metered_mesh import BASELINE, CANARY, Mesh, backend
from tests.contract.metric_worlds import (
    ARM,
    ARMS,
    DEPTH,
    NOBODY,
    OTHER,
    UNREACHABLE,
    ByCloudWatch,
    ByExposition,
    ByFake,
    ByPrometheus,
    World,
    of_shop,
)
from tests.loopback import eventually
from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.measures import ROUTER, Measure, MeasureKind
from workflows.domain.canary.recovery import RecoveryRule, RecoveryWord
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.canary.thresholds import ThresholdRule
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.watch import Watched, WatchRules
from workflows.domain.errors import NotRecovered, Refused, TargetMissing, Unavailable
from workflows.domain.values import Provider, Target
from workflows.ports.metrics import MeasureTraffic, VerifyRecovery, WatchCanary


@pytest.fixture(scope="module")
def by_cloudwatch(moto: str) -> Iterator[ByCloudWatch]:
    with closing(CloudShop(moto, ARMS)) as cloud:
        yield ByCloudWatch(cloud)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture(scope="module")
def shop() -> Iterator[dict[str, Version]]:
    versions = {v.arm: v for v in (Version(CANARY), Version(BASELINE))}
    for version in versions.values():
        version.start()
    yield versions
    for version in versions.values():
        version.stop()


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with backend() as port:
        mesh = Mesh(tmp_path_factory.mktemp("envoy"), port)
        mesh.start()
        try:
            yield mesh
        finally:
            mesh.stop()


@pytest.fixture(scope="module")
def by_exposition(mesh, shop, client, tmp_path_factory) -> ByExposition:
    return ByExposition(mesh, shop, client, tmp_path_factory.mktemp("instances"))


@pytest.fixture(scope="module")
def by_prometheus(mesh, shop, client, tmp_path_factory) -> Iterator[ByPrometheus]:
    server = Prometheus(tmp_path_factory.mktemp("prometheus"), mesh, list(shop.values()))
    server.start()
    try:
        yield ByPrometheus(mesh, shop, client, server)
    finally:
        server.kill()


@pytest.fixture
def by_fake() -> ByFake:
    return ByFake()


def ready(request: pytest.FixtureRequest) -> Any:
    world = request.getfixturevalue(f"by_{request.param}")
    # Nothing is ever down in the cloud once a test is over.
    return world if request.param == "cloudwatch" else recovered(world)


@pytest.fixture(params=["exposition", "prometheus", "cloudwatch", "fake"])
def world(request: pytest.FixtureRequest) -> Any:
    return ready(request)


@pytest.fixture(params=["exposition", "prometheus", "cloudwatch"])
def real(request: pytest.FixtureRequest) -> Any:
    """All but the fake, to which every series is known."""
    return ready(request)


@pytest.fixture(params=["exposition", "prometheus", "fake"])
def watched(request: pytest.FixtureRequest) -> Any:
    """What is fast enough for a watch of seconds: CloudWatch is a matter of minutes."""
    return ready(request)


@pytest.fixture(params=["exposition", "prometheus"])
def counting(request: pytest.FixtureRequest) -> Any:
    """Sources that read counters, which can begin anew, and buckets."""
    return recovered(request.getfixturevalue(f"by_{request.param}"))


@pytest.fixture
def remembering(by_prometheus: ByPrometheus) -> ByPrometheus:
    return recovered(by_prometheus)


WorldT = TypeVar("WorldT", bound=World)


def recovered(world: WorldT) -> WorldT:
    """Whatever the test before has stopped, everything is up and on record again."""
    eventually(lambda: is_whole(world), "both versions to be measured")
    return world


def is_whole(world: World) -> bool:
    try:
        span = world.span(world.mark())
    except Unavailable:
        return False
    return all(
        w is not None and {"requests", "asked"} <= set(w.values) for w in span.arms.values()
    )


def values(span: Span, arm: str = ARM) -> dict[str, float]:
    window = span.arms[arm]
    assert window is not None, span.warnings
    return window.values


def test_each_version_is_told_what_it_did_between_two_marks(world):
    mark = world.mark()

    world.serve(ARM, "ok", 30)
    world.serve(ARM, "err", 10)
    world.serve(OTHER, "ok", 20)
    world.order(ARM, accepted=7, declined=3)
    world.order(OTHER, accepted=9)
    span = world.span(mark)

    assert values(span) == {"requests": 40, "errors": 10, "asked": 10, "accepted": 7}
    assert values(span, OTHER) == {"requests": 20, "errors": 0, "asked": 9, "accepted": 9}
    assert not span.warnings


def test_latencies_fall_into_the_buckets_whose_edges_are_told(counting):
    mark = counting.mark()

    counting.serve(ARM, "slow", 20)
    span = counting.span(mark)

    counts = span.arms[ARM].histograms["latency"]
    edges = span.bounds["latency"]
    assert len(counts) == len(edges) + 1
    assert sum(counts[: edges.index(70.0) + 1]) == 0
    assert sum(counts) == 20


def test_a_version_that_cannot_be_reached_fails_every_request(counting):
    mark = counting.source.mark((UNREACHABLE,), ROUTER)
    eventually(lambda: counting.now() > mark.at + 2 * SCRAPED_EVERY, "a look before the requests")
    mark = counting.span(mark, ROUTER, (UNREACHABLE,)).mark

    counting.serve(UNREACHABLE, "ok", 30)
    span = counting.span(mark, ROUTER, (UNREACHABLE,))

    assert values(span, UNREACHABLE) == {"requests": 30, "errors": 30}


def test_a_connection_that_breaks_is_an_error_without_a_latency(counting):
    mark = counting.mark()

    counting.serve(ARM, "reset", 10)
    span = counting.span(mark)

    assert (values(span)["requests"], values(span)["errors"]) == (10, 10)
    assert sum(span.arms[ARM].histograms.get("latency", ())) == 0


def test_wanted_edges_add_the_buckets_up(counting):
    coarse = ROUTER[2].model_copy(update={"bounds": (50.0, 500.0)})
    mark = counting.mark((coarse,))

    counting.serve(ARM, "slow", 5)
    span = counting.span(mark, (coarse,))

    assert span.bounds == {"latency": (50.0, 500.0)}
    assert span.arms[ARM].histograms == {"latency": (0, 5, 0)}


def test_spans_that_follow_each_other_neither_lose_nor_repeat(world):
    mark, told = world.mark(), 0.0

    for requests in (3, 0, 5):
        world.serve(ARM, "ok", requests)
        span = world.span(mark)
        told += values(span)["requests"]
        mark = Mark.model_validate_json(span.mark.model_dump_json())

    assert told == 8


def test_a_version_that_serves_nothing_is_told_as_zero(world):
    span = world.span(world.mark())

    assert values(span) == {"requests": 0, "errors": 0, "asked": 0, "accepted": 0}


def test_a_version_that_nobody_knows_has_no_traffic_and_no_figures_of_its_own(world):
    span = world.span(world.mark(), arms=(ARM, NOBODY))

    window = span.arms[NOBODY]
    assert window is None or window.values == {"requests": 0, "errors": 0}


def test_a_version_that_begins_anew_is_counted_from_zero(counting):
    counting.order(ARM, accepted=50)
    mark = counting.mark()

    counting.order(ARM, accepted=2)
    counting.settled()
    counting.shop[ARM].restart()
    counting.order(ARM, accepted=4, declined=1)
    span = counting.span(mark)

    # What was counted between the last look and the end of the old process is not guessed.
    assert values(span)["asked"] in (5, 7)
    assert values(span)["asked"] - values(span)["accepted"] == 1


def test_an_envoy_that_begins_anew_is_counted_from_zero(counting):
    counting.serve(ARM, "ok", 50)
    mark = counting.mark()

    counting.mesh.stop()
    counting.mesh.start()
    counting.serve(ARM, "err", 10)
    span = counting.span(mark)

    assert (values(span)["requests"], values(span)["errors"]) == (10, 10)


def test_a_version_that_cannot_be_asked_is_no_sample_and_never_zero(counting):
    mark = counting.mark()

    counting.shop[ARM].stop()
    counting.settled()
    try:
        span = counting.span(mark)
    finally:
        counting.shop[ARM].start()

    assert values(span) == {"requests": 0, "errors": 0}
    assert values(span, OTHER)["asked"] == 0


def test_what_a_gap_swallowed_is_spread_over_no_window(counting):
    before = counting.mark()

    counting.shop[ARM].stop()
    counting.settled()
    gap = counting.span(before)
    counting.order(ARM, accepted=30)
    counting.shop[ARM].start()
    touched = counting.span(gap.mark)
    counting.order(ARM, accepted=2)
    after = counting.span(touched.mark)

    assert "asked" not in values(gap)
    assert "asked" not in values(touched)
    assert values(after)["asked"] == 2


def test_a_version_removed_and_added_again_is_counted_from_zero(counting):
    counting.order(ARM, accepted=40)
    before = counting.mark()

    counting.shop[ARM].stop()
    counting.settled()
    gone = counting.span(before)
    counting.shop[ARM].restart()
    counting.order(ARM, accepted=9)
    again = counting.span(gone.mark)
    counting.order(ARM, accepted=2, declined=1)
    after = counting.span(again.mark)

    assert "asked" not in values(gone)
    assert values(again).get("asked") in (None, 9)
    assert (values(after)["asked"], values(after)["accepted"]) == (3, 2)


def test_a_gauge_is_its_value(counting):
    span = counting.span(counting.mark((DEPTH,)), (DEPTH,))

    assert values(span) == {"depth": 3.0}


def test_a_gauge_that_is_no_number_is_no_sample(counting):
    counting.shop[ARM].depth = "NaN"
    try:
        span = counting.span(counting.mark((DEPTH,)), (DEPTH,))
    finally:
        counting.shop[ARM].depth = "3"

    assert span.arms[ARM] is None
    assert any("no number" in warning for warning in span.warnings)
    assert values(span, OTHER) == {"depth": 3.0}


@pytest.mark.parametrize(
    "measure",
    [
        of_shop("misspelt", MeasureKind.COUNTER, "shop_ordres_total"),
        of_shop("misspelt", MeasureKind.COUNTER, "shop_orders_total", status="acepted"),
        of_shop("misspelt", MeasureKind.HISTOGRAM, "shop_orders_seconds"),
    ],
)
def test_a_series_that_nobody_has_ever_shown_is_no_data_and_says_so(real, measure):
    """Told as 0 for both versions, a slip of the pen would pass every canary."""
    span = real.span(real.mark((measure,)), (measure,))

    assert span.arms == {ARM: None, OTHER: None}
    assert any(measure.selector.series in warning for warning in span.warnings)


def test_a_figure_that_no_router_has_is_refused(world):
    wanted = Measure(name="happiness", kind=MeasureKind.COUNTER)

    with pytest.raises(Refused, match="happiness"):
        world.source.mark(ARMS, (wanted,))
    with pytest.raises(Refused, match="happiness"):
        world.source.span(Mark(at=0.0), ARMS, (wanted,), until=None)


def test_a_source_that_is_down_is_unavailable_and_goes_on_afterwards(world):
    mark = world.mark()
    world.serve(ARM, "ok", 10)
    told = world.span(mark)

    with world.down():
        with pytest.raises(Unavailable):
            world.source.span(told.mark, ARMS, world.measures, until=told.mark.at + 1)
        with pytest.raises(Unavailable):
            world.source.mark(ARMS, world.measures)
    recovered(world)
    missed = world.span(told.mark)
    world.serve(ARM, "ok", 5)
    after = world.span(missed.mark)

    assert [values(span)["requests"] for span in (told, missed, after)] == [10, 0, 5]


# Promises of a source that remembers


def test_a_span_is_told_the_same_whenever_it_is_asked(remembering):
    world = remembering
    mark = world.mark()
    world.serve(ARM, "ok", 10)
    until = world.settled()

    first = world.source.span(mark, ARMS, world.measures, until=until)
    world.serve(ARM, "err", 10)
    world.settled()

    assert world.source.span(mark, ARMS, world.measures, until=until) == first
    assert values(first)["requests"] == 10


def test_many_spans_missed_are_told_one_by_one(remembering):
    """As by a worker that was away: what happened is in the window in which it happened."""
    world = remembering
    mark = world.mark()
    world.serve(ARM, "ok", 6)
    middle = world.settled()
    world.serve(ARM, "err", 4)
    end = world.settled()

    one = world.source.span(mark, ARMS, world.measures, until=middle)
    other = world.source.span(one.mark, ARMS, world.measures, until=end)

    assert (values(one)["requests"], values(one)["errors"]) == (6, 0)
    assert (values(other)["requests"], values(other)["errors"]) == (4, 4)


def test_a_killed_prometheus_leaves_a_gap_and_no_false_count(remembering):
    world = remembering
    mark = world.mark()
    step = 5 * SCRAPED_EVERY

    with world.down():
        world.serve(ARM, "err", 20)
    end = world.settled()
    told = []
    while mark.at < end:
        span = world.source.span(mark, ARMS, world.measures, until=min(mark.at + step, end))
        told.append(span.arms[ARM])
        mark = span.mark

    assert None in told
    counted = sum(window.values["errors"] for window in told if window is not None)
    assert counted == 0


def test_without_an_end_a_span_goes_to_the_newest_settled_moment(remembering):
    world = remembering
    mark = world.mark()
    world.settled()

    span = world.source.span(mark, ARMS, world.measures, until=None)

    assert mark.at < span.mark.at <= world.server.now() - world.source.settles


def test_an_environment_that_nobody_scrapes_is_unavailable(remembering, client):
    moon = PrometheusMetrics(remembering.server.url, environment="moon", client=client)

    with pytest.raises(Unavailable, match="environment=moon"):
        moon.mark(ARMS, remembering.measures)
    with pytest.raises(Unavailable, match="environment=moon"):
        moon.span(Mark(at=remembering.server.now() - 60), ARMS, remembering.measures, until=None)


def test_a_query_of_the_users_own_is_counted_as_series_are(remembering):
    world = remembering
    asked = 'shop_orders_total{status=~"acc.*",arm="$arm"}'
    taken = Measure(name="taken", kind=MeasureKind.COUNTER, query=asked)
    share = Measure(
        name="share", kind=MeasureKind.GAUGE, query='max(shop_queue_depth{arm="$arm"}) / 4'
    )
    mark = world.mark((taken, share))

    world.order(ARM, accepted=6, declined=9)

    assert values(world.span(mark, (taken, share))) == {"taken": 6, "share": 0.75}


def test_a_query_that_is_none_is_refused(remembering):
    broken = Measure(name="broken", kind=MeasureKind.GAUGE, query='max(x{arm="$arm"}')
    mark = remembering.mark((broken,))

    with pytest.raises(Refused, match="bad_data"):
        remembering.span(mark, (broken,))


def test_a_point_that_comes_late_is_in_its_own_span_once_that_has_settled(by_cloudwatch):
    """Why a span is asked for only `settles` seconds after its end."""
    world = by_cloudwatch
    mark = world.mark()
    world.serve(ARM, "ok", 5)
    early = world.span(mark)

    world.cloud.routed(ARM, "RequestCount", 3, at=mark.at + 0.5)
    settled = world.source.span(mark, ARMS, world.measures, until=early.mark.at)

    assert values(early)["requests"] == 5
    assert values(settled)["requests"] == 8


# Promises of the port, whatever the source

SECONDS = timedelta(seconds=4)
TARGET = Target(service="checkout", environment="staging")


class Acting:
    """The pace of an activity while which something happens: in its first wait, or in each."""

    def __init__(self, world: Any, acts: Iterable[Callable[[], object]]) -> None:
        self._world, self._acts = world, iter(acts)

    def now(self) -> float:
        moment: float = self._world.now()
        return moment

    def wait(self, seconds: float) -> None:
        until = self.now() + seconds
        next(self._acts, lambda: None)()
        self._world.pass_to(until)

    def beat(self, state: object) -> None:
        """Nobody goes on where this one was."""

    def kept(self, kind: object) -> None:
        """Nobody was here before."""


def port_of(world: Any, *acts: Callable[[], object]) -> MetricsActivities:
    return MetricsActivities({"staging": world.source}, pace=lambda: Acting(world, acts))


def provider(world: Any) -> Provider:
    return Provider(type=world.source.type, connection="staging")


def watch(world: Any, act: Callable[[], object]) -> Watched:
    """Three seconds of a canary alone, of whose requests no more than half may fail."""
    ratio = {"numerator": "errors", "denominator": "requests", "limit": 0.5}
    rule = ThresholdRule(name="half", type="ratio", lasts=60, min_samples=10, **ratio)
    judge = JudgeConfig(interval=1, horizon=3, metrics=())
    # A source that settles is waited for before its first mark: what is done then counts not yet.
    acts = (lambda: None, act) if world.source.settles else (act,)
    return port_of(world, *acts).watch_canary(
        WatchCanary(
            target=TARGET,
            source=provider(world),
            canary=CANARY,
            baseline=None,
            measures=world.measures,
            rules=WatchRules(judge=judge, compares=False, thresholds=(rule,)),
        )
    )


@pytest.mark.parametrize(
    ("kind", "word", "failed"), [("ok", Word.PASS, 0), ("err", Word.FAIL, 30)]
)
def test_a_canary_is_watched_by_what_it_serves_meanwhile(watched, kind, word, failed):
    end = watch(watched, lambda: watched.serve(ARM, kind, 30))

    assert end.verdict.word is word, end
    assert (end.served.requests, end.served.failed) == (30, failed)


def test_a_canary_that_nobody_calls_is_no_data(watched):
    assert watch(watched, lambda: None).verdict.word is Word.NO_DATA


def test_a_source_that_goes_down_is_a_verdict_and_no_harm(watched):
    down = watched.down()

    end = watch(watched, down.__enter__)
    down.__exit__(None, None, None)

    assert end.verdict.word is Word.PROVIDER_ERROR
    assert end.verdict.reason


def recover(world: Any, *acts: Callable[[], object]) -> Any:
    rule = RecoveryRule(ratio_before=0.0, enough=20, interval=1, within=6, grace=2)
    ask = VerifyRecovery(target=TARGET, source=provider(world), version=BASELINE, rule=rule)
    return port_of(world, *acts).verify_recovery(ask)


def test_what_serves_well_again_has_recovered(watched):
    assert recover(watched, lambda: watched.serve(OTHER, "ok", 30)).word is RecoveryWord.RECOVERED


def test_what_still_fails_has_not_recovered(watched):
    with pytest.raises(NotRecovered):
        recover(watched, *[lambda: watched.serve(OTHER, "err", 30)] * 10)


def measure(world: Any, version: str = CANARY) -> MeasureTraffic:
    return MeasureTraffic(
        target=TARGET,
        source=provider(world),
        version=version,
        measures=world.measures,
        over=SECONDS,
    )


def test_traffic_is_what_was_served_lately_or_is_served_now(watched):
    watched.serve(ARM, "ok", 30)
    watched.settled()
    traffic = port_of(watched, lambda: watched.serve(ARM, "ok", 30)).measure_traffic(
        measure(watched)
    )

    assert traffic.known
    assert traffic.values["requests"] >= 30
    assert traffic.rps > 0


def test_traffic_that_nobody_can_tell_is_unknown_and_no_error(watched):
    with watched.down():
        traffic = port_of(watched).measure_traffic(measure(watched))

    assert not traffic.known
    assert traffic.reason


def test_a_connection_that_is_not_in_the_settings_is_missing(watched):
    ask = measure(watched).model_copy(
        update={"source": Provider(type=watched.source.type, connection="nowhere")}
    )

    with pytest.raises(TargetMissing, match="'nowhere' is not in this worker's settings"):
        port_of(watched).measure_traffic(ask)
