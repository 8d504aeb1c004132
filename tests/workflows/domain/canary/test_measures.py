import pytest
from pydantic import ValidationError

from workflows.domain.canary.measures import REQUESTS, Measure, MeasureKind, Selector


def test_a_selector_means_the_series_that_have_at_least_its_labels():
    selector = Selector(series="shop_orders_total", labels={"status": "accepted"})

    assert selector.matches("shop_orders_total", {"status": "accepted", "arm": "a"})
    assert not selector.matches("shop_orders_total", {"status": "declined", "arm": "a"})
    assert not selector.matches("shop_orders_total", {"arm": "a"})
    assert not selector.matches("shop_returns_total", {"status": "accepted"})


def test_a_counter_is_the_same_with_and_without_the_suffix_that_openmetrics_wants():
    assert Selector(series="orders_total").matches("orders", {})
    assert Selector(series="orders").matches("orders_total", {})


def test_a_selector_reads_as_one_would_type_it():
    labels = {"status": "accepted", "code": "200"}

    assert str(Selector(series="orders", labels=labels)) == 'orders{code="200", status="accepted"}'
    assert str(Selector(series="orders")) == "orders"


def test_what_names_no_series_is_a_figure_of_the_router():
    own = Measure(name="orders", kind=MeasureKind.COUNTER, selector=Selector(series="orders"))

    assert REQUESTS.of_router
    assert not own.of_router


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"query": "sum(orders)"}, r"must say \$arm"),
        ({"query": 'x{arm="$arm"}', "selector": Selector(series="x")}, "not both"),
        ({"bounds": (2.0, 1.0)}, "must rise"),
        ({"bounds": (1.0, 1.0)}, "must rise"),
    ],
)
def test_a_measure_that_could_not_tell_the_versions_apart_is_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        Measure(name="orders", kind=MeasureKind.COUNTER, **given)
