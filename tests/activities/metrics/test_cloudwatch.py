from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from activities.metrics.cloudwatch import CloudWatchMetrics
from workflows.domain.canary.measures import (
    ERRORS,
    LATENCY,
    REQUESTS,
    Measure,
    MeasureKind,
    Selector,
)
from workflows.domain.canary.spans import Mark
from workflows.domain.errors import Refused, Unavailable

ARM, OTHER = "checkout-aaaaaaaaaaaa", "checkout-bbbbbbbbbbbb"
START = 1_700_000_040.0
COARSE = LATENCY.model_copy(update={"bounds": (100.0, 250.0)})
ORDERS = Measure(name="orders", kind=MeasureKind.COUNTER, selector=Selector(series="orders"))
DEPTH = Measure(name="depth", kind=MeasureKind.GAUGE, selector=Selector(series="depth"))
WAITS = Measure(
    name="waits", kind=MeasureKind.HISTOGRAM, selector=Selector(series="waits"), bounds=(1.5,)
)


class Groups:
    """A load balancer that has a target group of every name."""

    def describe_target_groups(self, *, Names):  # noqa: N803 - boto3 names its parameters so
        (name,) = Names
        arn = f"arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/{name}/12"
        balancer = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/34"
        return {"TargetGroups": [{"TargetGroupArn": arn, "LoadBalancerArns": [balancer]}]}


class Cloud:
    """CloudWatch as a stub: *told* holds the values of each statistic, period by period."""

    def __init__(self):
        self.client = boto3.client(
            "cloudwatch",
            region_name="eu-west-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        self.stub = Stubber(self.client)

    def source(self, **more):
        return CloudWatchMetrics(
            environment="staging",
            client=lambda: self.client,
            balancers=Groups,
            namespace="Shop",
            clock=lambda: START + 600,
            **more,
        )

    def answer(self, *values, status="Complete", token=None, messages=(), **expected):
        results = [
            {
                "Id": f"q{number}",
                "StatusCode": status,
                "Timestamps": [moment(START + 60 * n) for n, _ in enumerate(numbers)],
                "Values": list(numbers),
            }
            for number, numbers in enumerate(values)
        ]
        body = {"MetricDataResults": results, "Messages": list(messages)}
        if token is not None:
            body["NextToken"] = token
        self.stub.add_response("get_metric_data", body, expected or None)

    def listed(self, *metrics):
        self.stub.add_response("list_metrics", {"Metrics": list(metrics)})


@pytest.fixture
def cloud():
    cloud = Cloud()
    with cloud.stub:
        yield cloud
    cloud.stub.assert_no_pending_responses()
    cloud.client.close()


def moment(at):
    return datetime.fromtimestamp(at, UTC)


def span(cloud, *measures, periods=1, arms=(ARM,), **more):
    return cloud.source(**more).span(
        Mark(at=START), arms, measures, until=START + 60 * periods + 59
    )


def test_trimmed_counts_at_fixed_edges_become_buckets(cloud):
    cloud.answer([60, 30], [80, 35], [81, 40], [1, 1])

    told = span(cloud, COARSE, periods=2)

    assert told.arms[ARM].histograms == {"latency": (90, 25, 6)}
    assert told.bounds == {"latency": (100.0, 250.0)}


def test_what_is_asked_is_a_statistic_of_the_versions_target_group(cloud):
    cloud.answer(
        [9],
        [1],
        MetricDataQueries=[
            {
                "Id": f"q{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/ApplicationELB",
                        "MetricName": metric,
                        "Dimensions": [
                            {"Name": "TargetGroup", "Value": f"targetgroup/{ARM}/12"},
                            {"Name": "LoadBalancer", "Value": "app/shop/34"},
                        ],
                    },
                    "Period": 60,
                    "Stat": stat,
                },
                "ReturnData": True,
            }
            for number, (metric, stat) in enumerate(
                [("RequestCount", "Sum"), ("HealthyHostCount", "SampleCount")]
            )
        ],
        StartTime=moment(START),
        EndTime=moment(START + 60),
        ScanBy="TimestampAscending",
    )

    assert span(cloud, REQUESTS).arms[ARM].values == {"requests": 9}


def test_edges_are_asked_for_in_seconds_as_the_load_balancer_counts(cloud):
    asked = []
    cloud.client.meta.events.register(
        "provide-client-params.cloudwatch.GetMetricData",
        lambda params, **_: asked.extend(
            q["MetricStat"]["Stat"] for q in params["MetricDataQueries"]
        ),
    )
    cloud.answer([1], [1], [1], [1])

    span(cloud, COARSE)

    assert asked == ["TC(:0.1)", "TC(:0.25)", "SampleCount", "SampleCount"]


def test_errors_are_bad_answers_and_connections_that_failed_but_no_more_than_requests(cloud):
    cloud.answer([10], [3], [4], [1])
    assert span(cloud, REQUESTS, ERRORS).arms[ARM].values == {"requests": 10, "errors": 7}

    cloud.answer([10], [3], [40], [1])
    assert span(cloud, REQUESTS, ERRORS).arms[ARM].values == {"requests": 10, "errors": 10}


def test_targets_without_traffic_are_zero_and_no_targets_no_sample(cloud):
    cloud.answer([], [], [], [1])
    assert span(cloud, REQUESTS, ERRORS).arms[ARM].values == {"requests": 0, "errors": 0}

    cloud.answer([], [], [], [])
    assert span(cloud, REQUESTS, ERRORS).arms[ARM] is None


def test_a_period_without_any_point_is_a_gap_in_the_whole_span(cloud):
    cloud.answer([5], [1])

    assert span(cloud, REQUESTS, periods=2).arms[ARM] is None


def test_figures_of_the_services_own_are_found_by_the_arms_dimension(cloud):
    cloud.answer([4, 5], [2.0, 4.0], [6, 1], [9, 1])

    told = span(cloud, ORDERS, DEPTH, WAITS, periods=2)

    assert told.arms[ARM].values == {"orders": 9, "depth": 3.0}
    assert told.arms[ARM].histograms == {"waits": (7, 3)}


def test_a_count_that_a_version_did_not_publish_beside_others_is_zero(cloud):
    cloud.answer([], [2.0])
    cloud.listed({"MetricName": "orders"})

    assert span(cloud, ORDERS, DEPTH).arms[ARM].values == {"orders": 0, "depth": 2.0}


def test_a_metric_that_cloudwatch_has_never_had_is_no_data_and_says_so(cloud):
    cloud.answer([])
    cloud.listed()

    told = span(cloud, ORDERS)

    assert told.arms == {ARM: None}
    assert "has never had Sum of Shop/orders" in told.warnings[0]


def test_pages_are_one_answer(cloud):
    cloud.answer([4], [1], status="PartialData", token="more")
    cloud.answer(
        [4],
        [1],
        NextToken="more",
        MetricDataQueries=ANY,
        StartTime=ANY,
        EndTime=ANY,
        ScanBy=ANY,
    )

    assert span(cloud, REQUESTS).arms[ARM].values == {"requests": 4}


@pytest.mark.parametrize("status", ["PartialData", "InternalError"])
def test_half_an_answer_is_none(cloud, status):
    cloud.answer([4], [1], status=status)

    with pytest.raises(Unavailable, match=f"not whole: {status}"):
        span(cloud, REQUESTS)


def test_what_we_may_not_read_is_refused(cloud):
    cloud.answer([4], [1], status="Forbidden")

    with pytest.raises(Refused, match="cloudwatch:GetMetricData"):
        span(cloud, REQUESTS)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("Throttling", 400, Unavailable),
        ("InternalServiceFault", 500, Unavailable),
        ("AccessDenied", 403, Refused),
    ],
)
def test_errors_of_aws_are_told_by_what_to_do(cloud, code, status, kind):
    cloud.stub.add_client_error("get_metric_data", code, http_status_code=status)

    with pytest.raises(kind, match=code):
        span(cloud, REQUESTS)


def test_what_cloudwatch_remarks_is_passed_on(cloud):
    cloud.answer([4], [1], messages=[{"Code": "ArithmeticError", "Value": "one was dropped"}])

    assert span(cloud, REQUESTS).warnings == ("CloudWatch: ArithmeticError: one was dropped",)


def test_spans_begin_and_end_with_a_period(cloud):
    cloud.listed()
    mark = cloud.source().mark((ARM,), (REQUESTS,), at=START + 1)
    assert mark.at == START + 60

    early = cloud.source(settles=580.0).span(mark, (ARM,), (REQUESTS,), until=None)
    assert early.mark == mark
    assert early.arms == {ARM: None}

    cloud.answer([4] * 6, [1] * 6)
    newest = cloud.source(settles=180.0).span(mark, (ARM,), (REQUESTS,), until=None)
    assert newest.mark.at == START + 420


def test_a_window_shorter_than_a_period_is_refused_with_the_remedy(cloud):
    with pytest.raises(Refused, match=r"window of 30 s .* multiple of 60 s"):
        cloud.source().span(Mark(at=START), (ARM,), (REQUESTS,), until=START + 30)


@pytest.mark.parametrize(
    ("measure", "namespace", "said"),
    [
        (ORDERS, None, "names no namespace"),
        (Measure(name="x", kind=MeasureKind.COUNTER, query='x{a="$arm"}'), "Shop", "no query"),
        (Measure(name="x", kind=MeasureKind.COUNTER), "Shop", "routers count"),
    ],
)
def test_what_it_could_not_find_is_refused(cloud, measure, namespace, said):
    source = CloudWatchMetrics(
        environment="staging", client=lambda: cloud.client, balancers=Groups, namespace=namespace
    )

    with pytest.raises(Refused, match=said):
        source.mark((ARM,), (measure,))


def test_it_has_no_cumulative_counts(cloud):
    with pytest.raises(Refused, match="asks it for spans"):
        cloud.source().read(canary=ARM, baseline=OTHER)
