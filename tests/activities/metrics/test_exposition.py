from pathlib import Path

import httpx
import pytest

from activities.metrics.exposition import ExpositionMetrics
from workflows.domain.canary.measures import LATENCY, REQUESTS, Measure, MeasureKind, Selector
from workflows.domain.canary.series import NO_EDGE
from workflows.domain.canary.spans import Mark
from workflows.domain.errors import Refused, Unavailable

# What Envoy 1.40.0 showed after 24 requests that were answered well, 5 with 500, 3 resets and
# 2 timeouts of one version, and 7 failed connections to another; four took 120 ms.
PAGE = (Path(__file__).parent / "envoy_1_40.txt").read_text(encoding="utf-8")
ANSWERED, DEAD, UNKNOWN = (f"checkout-{letter * 12}" for letter in "adf")
NOW = 1_000_000.0


def source(answer, url="http://envoy.test:9901/stats/prometheus"):
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return ExpositionMetrics(url, environment="staging", client=client, clock=lambda: NOW)


def page(text):
    return lambda request: httpx.Response(200, text=text)


def test_resets_and_timeouts_count_as_errors_beside_answered_ones():
    window = source(page(PAGE)).read(canary=ANSWERED, baseline=DEAD)

    assert (window.canary.requests, window.canary.errors) == (34, 10)


def test_failed_connections_are_errors_without_latency():
    window = source(page(PAGE)).read(canary=DEAD, baseline=ANSWERED)

    assert (window.canary.requests, window.canary.errors) == (7, 7)
    assert window.canary.buckets == ()


def test_latencies_are_of_requests_that_the_version_answered():
    buckets = dict(source(page(PAGE)).read(canary=ANSWERED, baseline=DEAD).canary.buckets)

    assert (buckets[100.0], buckets[250.0], buckets[NO_EDGE]) == (25, 29, 29)


def test_a_version_that_is_not_on_the_page_served_nothing():
    window = source(page(PAGE)).read(canary=UNKNOWN, baseline=ANSWERED)

    assert (window.canary.requests, window.canary.since) == (0, NOW - 5)


def test_both_are_read_at_one_instant_since_the_start_of_the_envoy():
    window = source(page(PAGE)).read(canary=ANSWERED, baseline=DEAD)

    assert (window.at, window.canary.since, window.baseline.since) == (NOW, NOW - 5, NOW - 5)


def test_an_envoy_that_has_just_started_has_no_uptime_yet():
    young = "\n".join(line for line in PAGE.splitlines() if "uptime" not in line)

    assert source(page(young)).read(canary=ANSWERED, baseline=DEAD).canary.since == NOW


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://envoy.test:9901", "/stats/prometheus?usedonly"),
        ("http://envoy.test:9901/", "/stats/prometheus?usedonly"),
        ("http://envoy.test:9901/stats/prometheus", "/stats/prometheus?usedonly"),
        ("http://envoy.test:9901/metrics?filter=x", "/metrics?filter=x"),
    ],
)
def test_the_address_is_the_page_or_the_admin(url, asked):
    seen = []

    def answer(request):
        seen.append(request.url.raw_path.decode())
        return httpx.Response(200, text=PAGE)

    source(answer, url).read(canary=ANSWERED, baseline=DEAD)

    assert seen == [asked]


@pytest.mark.parametrize("text", ["", "<html>hello</html>", '{"a": 1}', "process_up 1\n"])
def test_a_page_of_something_else_is_no_answer(text):
    with pytest.raises(Unavailable, match=r"Envoy staging at http://envoy.test:9901"):
        source(page(text)).read(canary=ANSWERED, baseline=DEAD)


def test_a_refusal_is_not_asked_again():
    with pytest.raises(Refused, match="answered 403"):
        source(lambda request: httpx.Response(403)).read(canary=ANSWERED, baseline=DEAD)


ORDERS = Measure(name="orders", kind=MeasureKind.COUNTER, selector=Selector(series="orders_total"))
OWN = "# TYPE orders_total counter\norders_total 4\n"


class Pages:
    """Envoy's page, and the pages of versions, found through a folder of *instances*."""

    def __init__(self, folder, **own):
        self.folder = folder
        self.own = own
        self.asked = []

    def publish(self, arm, text):
        self.own[arm] = text
        (self.folder / f"{arm}.json").write_text(f'{{"endpoint": "{arm}.test:80"}}')

    def __call__(self, request):
        self.asked.append(request.url.host)
        if request.url.host == "envoy.test":
            return httpx.Response(200, text=PAGE)
        return httpx.Response(200, text=self.own[request.url.host.removesuffix(".test")])

    def source(self, instances=...):
        return ExpositionMetrics(
            "http://envoy.test:9901",
            environment="staging",
            client=httpx.Client(transport=httpx.MockTransport(self)),
            instances=self.folder if instances is ... else instances,
            clock=lambda: NOW,
        )


@pytest.fixture
def pages(tmp_path):
    return Pages(tmp_path)


def spanned(pages, *measures, then=lambda: None):
    source = pages.source()
    mark = source.mark((ANSWERED,), measures)
    then()
    return source.span(mark, (ANSWERED,), measures, until=None)


def test_a_versions_own_page_counts_for_it_whether_it_says_so_or_not(pages):
    pages.publish(ANSWERED, OWN)

    told = spanned(pages, ORDERS, then=lambda: pages.publish(ANSWERED, OWN.replace("4", "9")))

    assert told.arms[ANSWERED].values == {"orders": 5}
    assert "envoy.test" not in pages.asked


def test_a_start_time_on_the_page_shows_a_restart_that_the_counts_do_not(pages):
    page = OWN + "process_start_time_seconds {}\n"
    pages.publish(ANSWERED, page.format(1000))

    told = spanned(
        pages,
        ORDERS,
        then=lambda: pages.publish(ANSWERED, page.format(5000).replace("total 4", "total 9")),
    )

    assert told.arms[ANSWERED].values == {"orders": 9}


def test_a_family_without_a_sample_yet_has_counted_nothing(pages):
    pages.publish(ANSWERED, "# TYPE orders_total counter\n# TYPE up gauge\nup 1\n")

    assert spanned(pages, ORDERS).arms[ANSWERED].values == {"orders": 0}


@pytest.mark.parametrize("text", ["<html>Bad gateway</html>", ""])
def test_a_versions_page_that_is_none_is_no_sample_of_it_alone(pages, text):
    pages.publish(ANSWERED, text)

    told = spanned(pages, REQUESTS, ORDERS)

    assert told.arms[ANSWERED].values == {"requests": 0}
    assert "shows no metrics" in told.warnings[0]


def test_a_version_that_is_not_published_is_no_sample_and_no_error(pages):
    told = spanned(pages, ORDERS)

    assert told.arms == {ANSWERED: None}
    assert "has not published" in told.warnings[0]


@pytest.mark.parametrize(
    ("measure", "instances", "said"),
    [
        (ORDERS, None, r"platforms\.staging"),
        (Measure(name="x", kind=MeasureKind.GAUGE, query='x{a="$arm"}'), ..., "cannot be queried"),
    ],
)
def test_what_pages_cannot_tell_is_refused(pages, measure, instances, said):
    with pytest.raises(Refused, match=said):
        pages.source(instances).mark((ANSWERED,), (measure,))


def test_a_mark_holds_all_that_the_next_look_needs(pages):
    source = pages.source()
    mark = Mark.model_validate_json(
        source.mark((ANSWERED, DEAD), (REQUESTS, LATENCY)).model_dump_json()
    )

    told = source.span(mark, (ANSWERED, DEAD), (REQUESTS, LATENCY), until=None)

    assert told.mark == mark
    assert told.arms[ANSWERED].values == {"requests": 0}
    assert set(told.arms[ANSWERED].histograms["latency"]) == {0}
