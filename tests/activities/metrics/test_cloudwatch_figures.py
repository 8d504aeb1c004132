from activities.metrics.cloudwatch_figures import EDGES, edges, own, routed, window
from workflows.domain.canary.measures import LATENCY, Measure, MeasureKind, Selector
from workflows.domain.canary.windows import ArmWindow

BEHIND = (("TargetGroup", "targetgroup/a/1"), ("LoadBalancer", "app/shop/2"))
COARSE = LATENCY.model_copy(update={"bounds": (100.0, 250.0)})
PAID = Measure(
    name="paid",
    kind=MeasureKind.COUNTER,
    selector=Selector(series="orders", labels={"status": "paid"}),
    arm_label="version",
)


def test_a_histogram_without_edges_of_its_own_gets_the_usual_ones():
    assert edges(LATENCY) == EDGES
    assert edges(COARSE) == (100.0, 250.0)


def test_an_own_figure_has_the_arm_as_one_more_dimension():
    (asked,) = own(PAID, "checkout-1", namespace="Shop")

    assert asked.dimensions == (("status", "paid"), ("version", "checkout-1"))


def test_counts_up_to_each_edge_become_counts_of_each_bucket():
    asked = routed(COARSE, BEHIND)
    points = dict(zip(asked, ({0: 60.0}, {0: 80.0}, {0: 81.0}), strict=True))

    assert window([(COARSE, asked)], points) == ArmWindow(histograms={"latency": (60, 20, 1)})


def test_an_estimate_below_the_one_before_is_an_empty_bucket():
    asked = routed(COARSE, BEHIND)
    points = dict(zip(asked, ({0: 60.0}, {0: 59.4}, {0: 81.0}), strict=True))

    assert window([(COARSE, asked)], points).histograms["latency"][1] == 0


def test_without_a_figure_there_is_no_window():
    assert window([], {}) is None
