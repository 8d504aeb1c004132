import json

import pytest

from examples.shop.services.shop_order import Order, Outcome, Rejected

ASKED = {"sku": "mug", "quantity": 2, "customer": "ada"}


def order(headers=None, **asked):
    return Order.from_request(json.dumps(ASKED | asked).encode(), headers or {})


def test_the_order_id_of_the_header_wins_over_that_of_the_body():
    assert order({"x-order-id": "h"}, orderId="b").order_id == "h"
    assert order(orderId="b").order_id == "b"


def test_an_order_without_an_id_is_given_one_of_its_own():
    assert order().order_id != order().order_id


def test_what_is_passed_on_is_understood_as_the_same_order():
    taken = order({"x-order-id": "o1", "x-canary": "1", "x-synthetic": "lockgate"})

    assert Order.from_request(taken.body(), taken.headers()) == taken


def test_an_outcome_is_understood_as_it_was_told():
    outcome = Outcome("accepted", 1780, {"payments": "v1"})

    assert Outcome.from_json(json.dumps(outcome.to_json()).encode()) == outcome


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"sku": None}, "sku: expected"),
        ({"customer": "a\x00b"}, "customer: expected"),
        ({"customer": "\ud800"}, "customer: expected"),
        ({"customer": "a" * 81}, "customer: expected"),
        ({"orderId": 7}, "orderId: expected"),
        ({"quantity": True}, "quantity: expected"),
        ({"quantity": 101}, "quantity: expected"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(asked, reason):
    with pytest.raises(Rejected, match=reason) as rejected:
        order(**asked)

    assert rejected.value.status == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_not_an_object_is_rejected(body):
    with pytest.raises(Rejected, match="expected a JSON object"):
        Order.from_request(body, {})
