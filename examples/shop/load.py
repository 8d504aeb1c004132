"""Sends the shop a steady, seeded stream of orders, and tells what came back.

python -m examples.shop.load --url http://127.0.0.1:8080 --rate 60 --seed 7 --duration 60
"""

import argparse
import json
import random
import signal
import sys
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

IN_FLIGHT = 64
ANSWER_SECONDS = 5.0
REPORT_SECONDS = 2.0
LATENCIES_KEPT = 10_000
# A machine that slept does not owe the orders of that time: the stream goes on from now.
LATEST_SECONDS = 1.0

CLIENT: dict[str, Any] = {
    "timeout": ANSWER_SECONDS,
    "trust_env": False,  # a proxy of the environment would take the orders elsewhere
    "verify": False,  # there is no TLS on loopback, and loading certificates takes long
    "limits": httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT),
}

CUSTOMERS = 500
BASKET = {"mug": 8, "whisk": 5, "apron": 4, "tray": 3, "teapot": 2, "kettle": 1}
QUANTITIES = {1: 12, 2: 5, 3: 2, 6: 1}


class NotLoopback(Exception):
    """The load is for a shop on this machine only."""


def orders(seed: int) -> Iterator[dict[str, Any]]:
    """An endless stream of orders; the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - reproducible is what it has to be, not secret
    skus, sku_weights = list(BASKET), list(BASKET.values())
    quantities, quantity_weights = list(QUANTITIES), list(QUANTITIES.values())
    while True:
        yield {
            "sku": draw.choices(skus, sku_weights)[0],
            "quantity": draw.choices(quantities, quantity_weights)[0],
            "customer": f"customer-{draw.randrange(CUSTOMERS):03}",
        }


def loopback_url(url: str) -> str:
    """The URL itself, if it leads to this machine.

    Raises:
        NotLoopback: it leads elsewhere, or is not an http URL.
    """
    parts = urlsplit(url)
    with suppress(ValueError):
        here = ip_address(parts.hostname or "").is_loopback
        if parts.scheme == "http" and here and (parts.port is None or parts.port > 0):
            return url.rstrip("/")
    raise NotLoopback(
        f"--url {url}: expected an http URL with a loopback address, such as "
        "http://127.0.0.1:8080; load is never sent to another machine"
    )


class Tally:
    """What came back, counted; latencies are those of the last 10,000 answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_status: Counter[str] = Counter()
        self._by_version: Counter[str] = Counter()
        self._by_outcome: Counter[str] = Counter()
        self._by_service: Counter[str] = Counter()
        self._dropped = 0
        self._latencies_ms: deque[float] = deque(maxlen=LATENCIES_KEPT)

    def answered(self, answer: httpx.Response, seconds: float) -> None:
        outcome, served_by = _outcome(answer)
        with self._lock:
            self._by_status[str(answer.status_code)] += 1
            self._by_version[answer.headers.get("x-shop-version", "none")] += 1
            self._by_outcome.update(outcome)
            self._by_service.update(served_by)
            self._latencies_ms.append(seconds * 1000)

    def unanswered(self, error: httpx.HTTPError) -> None:
        with self._lock:
            self._by_status[type(error).__name__] += 1

    def drop(self) -> None:
        with self._lock:
            self._dropped += 1

    def summary(self) -> dict[str, Any]:
        """Counts by name; what was not answered with an order's outcome is a failure."""
        with self._lock:
            requests = self._by_status.total() + self._dropped
            latencies = sorted(self._latencies_ms)
            return {
                "requests": requests,
                "failures": requests - self._by_outcome.total(),
                "dropped": self._dropped,
                "byStatus": dict(sorted(self._by_status.items())),
                "byVersion": dict(sorted(self._by_version.items())),
                "byOutcome": dict(sorted(self._by_outcome.items())),
                "byService": dict(sorted(self._by_service.items())),
                "p50Ms": _percentile(latencies, 50),
                "p99Ms": _percentile(latencies, 99),
            }


def _outcome(answer: httpx.Response) -> tuple[list[str], list[str]]:
    """The order's status and who served it; nothing, unless it was the shop that answered."""
    if not answer.is_success:
        return [], []
    try:
        told = answer.json()
        served_by = [f"{service} {version}" for service, version in told["servedBy"].items()]
        return [str(told["status"])], served_by
    except (ValueError, KeyError, TypeError, AttributeError):
        return [], []


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    return round(ordered[(len(ordered) - 1) * percent // 100], 1) if ordered else None


class Load:
    """An open loop: each order leaves at its planned time, however slow the answers are.

    At most IN_FLIGHT wait for an answer; an order that finds no room is dropped, and a failure.
    Threads with a blocking client cost half the CPU of httpx's asyncio at this rate.
    """

    def __init__(self, *, client: httpx.Client, url: str, rate: float, seed: int) -> None:
        self.tally = Tally()
        self._client = client
        self._url = httpx.URL(f"{url}/orders")
        self._rate = rate
        self._orders = orders(seed)
        # The shop settles an order id once: a second run's orders must not be the first one's.
        self._run = uuid.uuid4().hex[:8]
        self._room = threading.Semaphore(IN_FLIGHT)

    def send(self, *, until: threading.Event, duration: float | None) -> None:
        """Send until told to stop or for *duration* seconds, then wait for the last answers."""
        begun, number, late = time.monotonic(), 0, 0.0
        with ThreadPoolExecutor(IN_FLIGHT) as workers:
            # The nth order is due at n / rate: a sum of steps would drift with the clock's value.
            while duration is None or late + number / self._rate < duration:
                due = late + number / self._rate
                if until.wait(max(0.0, begun + due - time.monotonic())):
                    break
                self._launch(workers, f"{self._run}-{number}")
                number += 1
                late += max(0.0, time.monotonic() - begun - LATEST_SECONDS - due)

    def _launch(self, workers: ThreadPoolExecutor, order_id: str) -> None:
        order = next(self._orders)
        if self._room.acquire(blocking=False):
            # Asked for its result, a future shows a bug that it would keep to itself.
            workers.submit(self._place, order_id, order).add_done_callback(Future.result)
        else:
            self.tally.drop()

    def _place(self, order_id: str, order: dict[str, Any]) -> None:
        begun = time.monotonic()
        try:
            headers = {"x-order-id": order_id}
            answer = self._client.post(self._url, json=order, headers=headers)
        except httpx.HTTPError as error:
            self.tally.unanswered(error)
        else:
            self.tally.answered(answer, time.monotonic() - begun)
        finally:
            self._room.release()


def keep_report(tally: Tally, file: Path, ended: threading.Event) -> None:
    """Keep *file* up to date until the end; a reader never finds half of it."""
    draft = file.with_name(f".{file.name}.draft")
    last = False
    while not last:
        last = ended.wait(REPORT_SECONDS if file.exists() else 0)
        draft.write_text(json.dumps(tally.summary(), indent=2) + "\n", encoding="utf-8")
        draft.replace(file)


def _send(asked: argparse.Namespace) -> dict[str, Any]:
    stop, ended = threading.Event(), threading.Event()
    for asks_to_stop in (signal.SIGTERM, signal.SIGINT):
        # From a thread: this one may hold the event's lock when the signal arrives.
        signal.signal(asks_to_stop, lambda *_: threading.Thread(target=stop.set).start())
    with httpx.Client(**CLIENT) as client:
        load = Load(client=client, url=asked.url, rate=asked.rate, seed=asked.seed)
        reporting = threading.Thread(target=keep_report, args=(load.tally, asked.report, ended))
        if asked.report:
            reporting.start()
        load.send(until=stop, duration=asked.duration)
        ended.set()
        if asked.report:
            reporting.join()
    return load.tally.summary()


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="load.py", description="Send orders to the shop.")
    parser.add_argument("--url", required=True, help="checkout, such as http://127.0.0.1:8080")
    parser.add_argument("--rate", type=float, default=60.0, help="orders a second")
    parser.add_argument("--seed", type=int, default=7, help="which customers buy what")
    parser.add_argument("--duration", type=float, help="seconds; without it, until SIGTERM")
    parser.add_argument("--report", type=Path, help="JSON file, kept up to date meanwhile")
    asked = parser.parse_args(arguments)
    if asked.rate <= 0:
        parser.error(f"--rate {asked.rate}: expected more than 0")
    if asked.report and not asked.report.parent.is_dir():
        parser.error(f"--report {asked.report}: there is no folder {asked.report.parent}")
    try:
        asked.url = loopback_url(asked.url)
    except NotLoopback as error:
        parser.error(str(error))
    return asked


def main(arguments: Sequence[str] | None = None) -> None:
    """Send, and print one line of JSON at the end."""
    summary = _send(_arguments(arguments))
    sys.stdout.write(json.dumps(summary) + "\n")


if __name__ == "__main__":
    main()
