import itertools
import json
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest

from examples.shop import load as loading
from examples.shop.load import Load, NotLoopback, loopback_url, orders

OUTCOME = {"status": "accepted", "servedBy": {"checkout": "v2", "payments": "v1"}}


def first(count, seed):
    return list(itertools.islice(orders(seed), count))


def sent(answer, *, rate=200.0, duration=0.1):
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        load = Load(client=client, url="http://127.0.0.1", rate=rate, seed=7)
        load.send(until=threading.Event(), duration=duration)
    return load.tally.summary()


def test_a_seed_gives_the_same_orders_each_time_and_another_seed_others():
    assert first(50, seed=7) == first(50, seed=7)
    assert first(50, seed=7) != first(50, seed=8)


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/", "http://[::1]:80", "http://127.9.9.9"])
def test_loopback_addresses_are_accepted(url):
    assert loopback_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1", "http://shop.example", "https://127.0.0.1", "127.0.0.1:80", "http://0.0.0.0",
     "http://127.0.0.1@10.0.0.1", "http://127.0.0.1:x"],
)  # fmt: skip
def test_any_other_address_is_refused(url):
    with pytest.raises(NotLoopback, match="expected an http URL with a loopback address"):
        loopback_url(url)


@pytest.mark.parametrize("up", [0.1, 4321.7, 9_999.3, 123_456.123, 7e6 + 0.3])
def test_as_many_orders_are_sent_however_long_the_machine_is_up(monkeypatch, up):
    """Times of a clock that is far from zero are rounded; a sum of them lost or won an order."""
    begun = time.monotonic()
    clock = time.monotonic
    monkeypatch.setattr("examples.shop.load.time.monotonic", lambda: clock() - begun + up)

    assert sent(lambda _: httpx.Response(200, json=OUTCOME))["requests"] == 20


def test_orders_are_sent_at_the_rate_and_counted_by_who_served_them():
    def shop(_):
        return httpx.Response(200, json=OUTCOME, headers={"x-shop-version": "v2"})

    summary = sent(shop)

    assert summary["requests"] == 20
    assert summary["failures"] == 0
    assert summary["byVersion"] == {"v2": 20}
    assert summary["byOutcome"] == {"accepted": 20}
    assert summary["byService"] == {"checkout v2": 20, "payments v1": 20}


def test_each_order_of_each_run_has_an_id_of_its_own():
    ids = []

    def shop(request):
        ids.append(request.headers["x-order-id"])
        return httpx.Response(200, json=OUTCOME)

    sent(shop)
    sent(shop)

    assert len(set(ids)) == 40


def test_whatever_is_not_an_outcome_is_a_failure():
    answers = itertools.cycle(
        [
            lambda: httpx.Response(200, json=OUTCOME),
            lambda: httpx.Response(502, json={"error": "payments"}),
            lambda: httpx.Response(200, text="not the shop"),
        ]
    )

    summary = sent(lambda _: next(answers)(), duration=0.15)

    assert (summary["requests"], summary["failures"]) == (30, 20)
    assert summary["byStatus"] == {"200": 20, "502": 10}


def test_a_shop_that_is_not_there_is_counted_and_survived():
    def nobody(_):
        raise httpx.ConnectError("refused")

    summary = sent(nobody)

    assert (summary["requests"], summary["failures"]) == (20, 20)
    assert summary["byStatus"] == {"ConnectError": 20}
    assert summary["p99Ms"] is None


def test_orders_that_find_no_room_are_dropped_and_the_stream_goes_on(monkeypatch):
    """An open loop does not slow down with the shop; what it cannot hold it admits."""
    monkeypatch.setattr(loading, "IN_FLIGHT", 2)
    full = threading.Event()

    def stuck(_):
        full.wait()
        return httpx.Response(200, json=OUTCOME)

    with httpx.Client(transport=httpx.MockTransport(stuck)) as client:
        load = Load(client=client, url="http://127.0.0.1", rate=200, seed=7)
        timer = threading.Timer(0.3, full.set)
        timer.start()
        load.send(until=threading.Event(), duration=0.1)
    timer.join()

    summary = load.tally.summary()
    assert (summary["requests"], summary["dropped"], summary["failures"]) == (20, 18, 18)


def test_sigterm_ends_it_with_one_line_and_a_report(tmp_path):
    report = tmp_path / "load.json"
    nobody = ["--url", "http://127.0.0.1:9", "--rate", "100", "--report", str(report)]
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.shop.load", *nobody], stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 20
    while not report.exists() and process.poll() is None and time.monotonic() < deadline:
        pass

    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert json.loads(told) == json.loads(report.read_text())
    assert json.loads(told)["requests"] == json.loads(told)["failures"]


def test_another_machine_is_refused_before_anything_is_sent(capsys):
    with pytest.raises(SystemExit) as stopped:
        loading.main(["--url", "http://192.0.2.1"])

    assert stopped.value.code == 2
    assert "load is never sent to another machine" in capsys.readouterr().err
