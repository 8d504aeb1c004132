"""What travels down the chain, an order, and what comes back up, its outcome."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ORDER_ID_HEADER = "x-order-id"
CANARY_HEADER = "x-canary"
SYNTHETIC_HEADER = "x-synthetic"
LONGEST_TEXT = 80
LARGEST_QUANTITY = 100


class Unserved(Exception):
    """An order did not come to an outcome; `status` is the HTTP status that says so."""

    status = 500


class Rejected(Unserved):
    """The request is at fault: sent again as it is, it fails again."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Order:
    """One order is one `order_id`, however often it is sent; `canary` routes it on its way.

    A `synthetic` one is no customer's: it is served like any other, and counts for nothing.
    """

    order_id: str
    sku: str
    quantity: int
    customer: str
    canary: str | None = None
    synthetic: str | None = None

    @classmethod
    def from_request(cls, body: bytes, headers: Mapping[str, str]) -> "Order":
        """The order in a request; one that comes without an id is given a new one.

        *headers* are by lower-case name.

        Raises:
            Rejected: not JSON, or a field is missing or out of range.
        """
        try:
            asked = json.loads(body)
        except ValueError:
            raise Rejected(400, "body: expected a JSON object") from None
        if not isinstance(asked, dict):
            raise Rejected(400, "body: expected a JSON object")
        named = headers.get(ORDER_ID_HEADER) or asked.get("orderId") or uuid.uuid4().hex
        return cls(
            order_id=_text({"orderId": named}, "orderId"),
            sku=_text(asked, "sku"),
            quantity=_quantity(asked),
            customer=_text(asked, "customer"),
            canary=headers.get(CANARY_HEADER),
            synthetic=headers.get(SYNTHETIC_HEADER),
        )

    def headers(self) -> dict[str, str]:
        passed_on = {"Content-Type": "application/json", ORDER_ID_HEADER: self.order_id}
        if self.canary is not None:
            passed_on[CANARY_HEADER] = self.canary
        if self.synthetic is not None:
            passed_on[SYNTHETIC_HEADER] = self.synthetic
        return passed_on

    def body(self) -> bytes:
        asked = {"sku": self.sku, "quantity": self.quantity, "customer": self.customer}
        return json.dumps(asked).encode()


@dataclass(frozen=True)
class Outcome:
    """What became of an order. `served_by` tells the version of each service that saw it."""

    status: str
    amount_cents: int
    served_by: Mapping[str, str]

    @classmethod
    def from_json(cls, body: bytes) -> "Outcome":
        told = json.loads(body)
        return cls(told["status"], told["amountCents"], told["servedBy"])

    def to_json(self) -> dict[str, object]:
        return {
            "status": self.status,
            "amountCents": self.amount_cents,
            "servedBy": dict(self.served_by),
        }


def _text(asked: Mapping[str, Any], field: str) -> str:
    value = asked.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT or not value.isprintable():
        raise Rejected(400, f"{field}: expected 1 to {LONGEST_TEXT} printable characters")
    return value


def _quantity(asked: Mapping[str, Any]) -> int:
    value = asked.get("quantity")
    if type(value) is not int or not 1 <= value <= LARGEST_QUANTITY:
        raise Rejected(400, f"quantity: expected a whole number from 1 to {LARGEST_QUANTITY}")
    return value
