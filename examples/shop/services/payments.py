"""Payments: has the goods reserved and charges what they cost."""

from pathlib import Path

import shop_http
from shop_order import Order, Outcome
from shop_service import Service, environment
from shop_upstream import Upstream


class Payments(Service):
    path = "/payments"
    table = "payments"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.inventory = Upstream(environment("INVENTORY_URL"), "/reservations")

    def fulfil(self, order: Order) -> Outcome:
        return self.inventory.send(order)

    def close(self) -> None:
        super().close()
        self.inventory.close()


if __name__ == "__main__":
    shop_http.run(Payments)
