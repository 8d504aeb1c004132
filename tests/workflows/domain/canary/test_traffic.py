import pytest

from workflows.domain.canary.traffic import Traffic


def test_a_rate_is_what_was_served_in_its_time():
    traffic = Traffic(seconds=60, values={"requests": 300.0, "errors": 3.0})

    assert traffic.rps == 5.0
    assert traffic.ratio("errors", "requests") == pytest.approx(0.01)
    assert str(traffic) == "5.0 requests a second, 1.00 % failed"


def test_what_was_never_counted_is_none_and_no_ratio():
    idle = Traffic(seconds=60, values={"requests": 0.0, "errors": 0.0})

    assert idle.rps == 0
    assert idle.ratio("errors", "requests") is None
    assert str(idle) == "0.0 requests a second"
    assert Traffic(seconds=60).ratio("orders", "visits") is None


def test_no_time_is_no_rate():
    assert Traffic(values={"requests": 300.0}).rps == 0


def test_traffic_that_nobody_knows_says_why():
    assert str(Traffic(known=False, reason="it is down")) == "traffic unknown: it is down"
