"""Real versions of the shop on a real PostgreSQL, started from their bundles."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from workflows.domain.values import arm_name

MUG = {"sku": "mug", "quantity": 2, "customer": "ada"}


def place(url, count, **order):
    with httpx.Client(base_url=url) as client:
        return [
            client.post("/orders", json=MUG | order, headers={"x-order-id": f"order-{number}"})
            for number in range(count)
        ]


def test_an_order_goes_down_the_chain_and_is_written_down_by_each_service(shop):
    checkout = shop.chain(checkout="v2")

    answer = httpx.post(f"{checkout.url}/orders", json=MUG | {"orderId": "o1"})

    assert answer.status_code == 200
    assert answer.headers["x-shop-version"] == "v2"
    assert answer.json() == {
        "orderId": "o1",
        "status": "accepted",
        "amountCents": 1780,
        "servedBy": {"checkout": "v2", "payments": "v1", "inventory": "v1"},
    }
    for table in ("orders", "payments", "reservations"):
        assert shop.settled(table) == [("o1", "ada", 2, 1780)]


def test_the_same_order_sent_twice_is_one_order(shop):
    checkout = shop.chain()

    first, second = (place(checkout.url, 1)[0] for _ in range(2))

    assert first.json() == second.json()
    assert len(shop.settled("payments")) == 1
    metrics = httpx.get(f"{checkout.url}/metrics").text.splitlines()
    who = f'service="checkout",version="v1",arm="{arm_name("checkout", checkout.bundle.digest)}"'
    assert f'shop_orders_total{{{who},status="accepted"}} 1' in metrics
    assert f'shop_orders_total{{{who},status="declined"}} 0' in metrics
    assert f"shop_revenue_cents_total{{{who}}} 1780" in metrics
    assert f'shop_requests_total{{{who},code="200"}} 2' in metrics


def test_a_service_tells_who_it_is_by_the_digest_of_what_it_runs(shop):
    inventory = shop.start("inventory", "v2")
    shop.await_health()

    health = httpx.get(f"{inventory.url}/healthz").json()

    identity = {"service": "inventory", "version": "v2"}
    assert health == {**identity, "digest": inventory.bundle.digest}
    assert httpx.get(f"{inventory.url}/version").json() == identity


@pytest.mark.parametrize(
    ("service", "version", "status", "share"),
    [("checkout", "v5", 500, 0.2), ("payments", "v5", 502, 0.2)],
)
def test_an_erroring_version_errs_at_about_its_rate(shop, service, version, status, share):
    checkout = shop.chain(**{service: version})

    answers = place(checkout.url, 300)

    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, status}
    assert statuses.count(status) / 300 == pytest.approx(share, abs=0.08)
    again = [answer.status_code for answer in place(checkout.url, 300)]
    assert again == statuses


def test_a_slow_version_is_slow_and_does_not_fail(shop):
    checkout = shop.chain(checkout="v4")

    answers = place(checkout.url, 3)

    assert [answer.status_code for answer in answers] == [200] * 3
    assert all(answer.elapsed.total_seconds() >= 0.04 for answer in answers)


def test_a_version_that_converts_badly_declines_orders_without_an_error(shop):
    checkout = shop.chain(checkout="v6")

    answers = place(checkout.url, 300)

    assert {answer.status_code for answer in answers} == {200}
    declined = [answer.json() for answer in answers if answer.json()["status"] == "declined"]
    assert len(declined) / 300 == pytest.approx(0.15, abs=0.08)
    assert all(outcome["amountCents"] == 0 for outcome in declined)
    assert len(shop.settled("payments")) == 300 - len(declined)


def test_the_canary_header_reaches_the_last_service(shop, recorder):
    payments = shop.start("payments", "v1", INVENTORY_URL=recorder.url)
    checkout = shop.start("checkout", "v1", PAYMENTS_URL=payments.url)
    shop.await_health()

    for headers in ({"x-canary": "1"}, {}):
        httpx.post(f"{checkout.url}/orders", json=MUG, headers=headers)

    assert [request.get("x-canary") for request in recorder.seen] == ["1", None]


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"quantity": 0}, 400),
        ({"quantity": "2"}, 400),
        ({"customer": ""}, 400),
        ({"sku": "x"}, 422),
    ],
)
def test_an_order_that_makes_no_sense_is_the_customers_fault(shop, order, status):
    checkout = shop.chain()

    [answer] = place(checkout.url, 1, **order)

    assert answer.status_code == status


def test_a_service_whose_next_one_is_gone_answers_502_until_it_is_back(shop):
    checkout = shop.chain()
    place(checkout.url, 1)
    shop.of("inventory").stop()

    gone = httpx.post(f"{checkout.url}/orders", json=MUG)

    assert gone.status_code == 502
    assert httpx.get(f"{checkout.url}/healthz").status_code == 200


def test_the_shop_survives_a_restart_of_postgres(shop, postgres):
    checkout = shop.chain()
    place(checkout.url, 1)

    postgres.stop()
    during = httpx.post(f"{checkout.url}/orders", json=MUG)
    health = httpx.get(f"{checkout.url}/healthz")
    postgres.start()
    after = httpx.post(f"{checkout.url}/orders", json=MUG)

    assert (during.status_code, health.status_code, after.status_code) == (503, 503, 200)


def test_two_versions_that_start_together_both_find_their_table(shop):
    started = [shop.start("inventory", version) for version in ("v1", "v2", "v1", "v2")]

    shop.await_health()

    assert all(running.process.poll() is None for running in started)


def test_a_service_that_is_told_to_stop_finishes_what_it_began(shop, recorder):
    payments = shop.start("payments", "v1", INVENTORY_URL=recorder.url)
    shop.await_health()
    recorder.hold()

    with ThreadPoolExecutor() as pool:
        order = pool.submit(httpx.post, f"{payments.url}/payments", json=MUG)
        recorder.await_request()
        payments.process.terminate()
        payments.await_refusal()
        recorder.release()
        answer = order.result()

    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"
    assert payments.process.wait(20) == 0


def test_a_service_without_its_environment_says_what_is_missing(shop, capfd):
    payments = shop.start("payments", "v1")

    assert payments.process.wait(20) == 1
    assert "environment variable INVENTORY_URL is not set" in capfd.readouterr().err
