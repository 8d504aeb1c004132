"""Inventory: knows what is sold at which price, and reserves it."""

import shop_http
from shop_order import Order, Outcome, Rejected
from shop_service import ACCEPTED, Service

# The warehouse is restocked faster than anybody orders; prices are in cents.
PRICES = {
    "apron": 1950,
    "kettle": 4900,
    "mug": 890,
    "teapot": 3400,
    "tray": 2250,
    "whisk": 1280,
}


class Inventory(Service):
    path = "/reservations"
    table = "reservations"

    def fulfil(self, order: Order) -> Outcome:
        if order.sku not in PRICES:
            raise Rejected(422, f"sku: nothing named {order.sku!r} is sold here")
        return Outcome(ACCEPTED, PRICES[order.sku] * order.quantity, {})


if __name__ == "__main__":
    shop_http.run(Inventory)
