from prometheus_client.parser import text_string_to_metric_families

from examples.shop.services.shop_counters import Counters


def test_what_was_counted_is_read_back_by_prometheus_own_parser():
    counters = Counters({"service": "checkout", "version": "v2"}, started=1_700_000_000.25)
    counters.add("shop_revenue_cents_total", 0)
    for status in ("accepted", "declined", "accepted"):
        counters.add("shop_orders_total", status=status)

    families = text_string_to_metric_families(counters.exposition())

    ours = {"service": "checkout", "version": "v2"}
    told = {
        (s.name, s.labels.pop("status", None)): s for family in families for s in family.samples
    }
    assert {key: sample.value for key, sample in told.items()} == {
        ("shop_orders_total", "accepted"): 2,
        ("shop_orders_total", "declined"): 1,
        ("shop_revenue_cents_total", None): 0,
        ("process_start_time_seconds", None): 1_700_000_000.25,
    }
    assert all(sample.labels == ours for sample in told.values())
