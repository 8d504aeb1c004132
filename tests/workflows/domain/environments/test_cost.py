from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.environments import PER_HOUR, an_environment_plan
from tests.workflows.domain.environments.views import NOON, a_view
from workflows.domain.environments.census import STACK, Resource
from workflows.domain.environments.cost import hourly, over, per_month, so_far

BUCKET, QUEUE, TOPIC = "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic"
HOUR = timedelta(hours=1)


def resources(*types):
    return [Resource(id=f"id-{n}", type=type_) for n, type_ in enumerate(types)]


def test_each_resource_costs_what_its_type_does():
    prices = an_environment_plan().prices

    assert hourly(prices, resources(BUCKET, QUEUE, STACK)).per_hour == PER_HOUR
    assert hourly(prices, resources(BUCKET, BUCKET)).per_hour == Decimal("0.02")


def test_one_unknown_price_makes_the_sum_unknown_and_is_named_once():
    cost = hourly(an_environment_plan().prices, resources(BUCKET, TOPIC, TOPIC))

    assert cost.per_hour is None
    assert cost.unpriced == (TOPIC,)


@given(st.decimals(min_value=0, max_value=1000, places=6), st.integers(0, 10_000))
def test_an_hour_costs_the_price_of_an_hour(per_hour, hours):
    assert over(per_hour, hours * HOUR) == per_hour * hours


def test_what_nobody_knows_is_not_nothing():
    assert per_month(None) is None
    assert so_far(a_view(), NOON + HOUR) is None
    assert so_far(a_view(per_hour=PER_HOUR), NOON + 2 * HOUR) == 2 * PER_HOUR
    assert per_month(PER_HOUR) == PER_HOUR * 730
