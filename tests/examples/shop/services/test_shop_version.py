import json
from dataclasses import replace

import pytest

from examples.shop.services.shop_version import Version

GOOD = Version("checkout", "v1", error_rate=0.0, extra_latency_ms=0, conversion=1.0)
ORDERS = [f"order-{number}" for number in range(5000)]


def share(fate):
    return sum(fate(order) for order in ORDERS) / len(ORDERS)


def test_a_good_version_neither_fails_nor_declines():
    assert share(GOOD.fails) == 0
    assert share(GOOD.declines) == 0


@pytest.mark.parametrize("rate", [0.02, 0.15, 0.5, 1.0])
def test_a_faulty_version_fails_its_share(rate):
    assert share(replace(GOOD, error_rate=rate).fails) == pytest.approx(rate, abs=0.02)


@pytest.mark.parametrize("conversion", [0.0, 0.7, 0.98])
def test_a_version_that_converts_badly_declines_the_rest(conversion):
    faulty = replace(GOOD, conversion=conversion)

    assert share(faulty.declines) == pytest.approx(1 - conversion, abs=0.02)


def test_an_orders_fate_is_settled_by_version_and_order():
    """A retry meets the same fate; another version draws anew."""
    faulty, other = (replace(GOOD, version=name, error_rate=0.5) for name in ("v3", "v4"))

    fates = [faulty.fails(order) for order in ORDERS]

    assert fates == [faulty.fails(order) for order in ORDERS]
    assert fates != [other.fails(order) for order in ORDERS]


def test_failing_and_declining_are_drawn_apart():
    faulty = replace(GOOD, error_rate=0.5, conversion=0.5)

    both = share(lambda order: faulty.fails(order) and faulty.declines(order))

    assert both == pytest.approx(0.25, abs=0.03)


def test_a_version_is_read_from_the_file_in_its_bundle(tmp_path):
    identity = {"service": "checkout", "version": "v1"}
    faults = {"errorRate": 0.0, "extraLatencyMs": 0, "conversion": 1.0}
    file = tmp_path / "version.json"
    file.write_text(json.dumps(identity | faults))

    assert Version.read(file) == GOOD
