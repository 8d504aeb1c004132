"""Checkout: takes a customer's order and has it paid."""

from pathlib import Path

import shop_http
from shop_order import Order, Outcome
from shop_service import Service, environment
from shop_upstream import Upstream


class Checkout(Service):
    path = "/orders"
    table = "orders"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.payments = Upstream(environment("PAYMENTS_URL"), "/payments")

    def fulfil(self, order: Order) -> Outcome:
        return self.payments.send(order)

    def close(self) -> None:
        super().close()
        self.payments.close()


if __name__ == "__main__":
    shop_http.run(Checkout)
