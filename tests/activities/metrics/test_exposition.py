from pathlib import Path

import httpx
import pytest

from activities.metrics.exposition import ExpositionMetrics
from workflows.domain.canary.series import NO_EDGE
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
