"""What the three services share: each order is settled once, as the version was built."""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from shop_counters import Counters
from shop_order import Order, Outcome, Unserved
from shop_packing import digest_of_folder
from shop_store import Store
from shop_version import Version

ACCEPTED = "accepted"
DECLINED = "declined"
REVENUE = "shop_revenue_cents_total"
ORDERS = "shop_orders_total"
"""What became of the orders; of the same name in every service, so that one rule judges all."""


class NotConfigured(Exception):
    """The process was started without something it needs."""


def environment(name: str) -> str:
    """The variable's value.

    Raises:
        NotConfigured: it is not set.
    """
    if not (value := os.environ.get(name)):
        raise NotConfigured(f"environment variable {name} is not set")
    return value


class BuiltToFail(Unserved):
    """This version was built to fail this order."""


class Service(ABC):
    """One version of one service.

    `path` takes the orders, `table` keeps what became of them.
    """

    path: str
    table: str

    def __init__(self, folder: Path) -> None:
        self.version = Version.read(folder / "version.json")
        self.digest = digest_of_folder(folder)
        self.identity = {"service": self.version.service, "version": self.version.version}
        self.store = Store(
            credentials=Path(environment("DATABASE_FILE")),
            table=self.table,
            client="shop {service} {version}".format(**self.identity),
        )
        # As routers and metric sources call this version; a service's name and its digest's start.
        arm = f"{self.version.service}-{self.digest.removeprefix('sha256:')[:12]}"
        self.counters = Counters({**self.identity, "arm": arm}, started=time.time())
        self.counters.add(REVENUE, 0)
        for status in (ACCEPTED, DECLINED):
            self.counters.add(ORDERS, 0, status=status)

    @abstractmethod
    def fulfil(self, order: Order) -> Outcome:
        """Do what this service is for; never asked twice for an order that is settled."""

    def settle(self, order: Order) -> Outcome:
        """What becomes of *order*; the same answer however often it is asked.

        Raises:
            BuiltToFail: by this version's error rate.
            Unserved: its database or the next service failed, or rejected the order.
        """
        time.sleep(self.version.extra_latency_ms / 1000)
        if self.version.fails(order.order_id):
            raise BuiltToFail(f"version {self.version.version} fails order {order.order_id}")
        if settled := self.store.find(order.order_id):
            return settled
        outcome = self._decide(order)
        if self.store.record(order, outcome) and order.synthetic is None:
            self.counters.add(ORDERS, status=outcome.status)
            self.counters.add(REVENUE, outcome.amount_cents)
        return outcome

    def _decide(self, order: Order) -> Outcome:
        if self.version.declines(order.order_id):
            return Outcome(DECLINED, 0, self._signed({}))
        outcome = self.fulfil(order)
        return Outcome(outcome.status, outcome.amount_cents, self._signed(outcome.served_by))

    def _signed(self, served_by: Mapping[str, str]) -> dict[str, str]:
        return {self.version.service: self.version.version, **served_by}

    def close(self) -> None:
        """Let go of every connection."""
        self.store.close()
