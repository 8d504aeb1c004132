from datetime import timedelta
from decimal import Decimal

import pytest

from tests.environments import (
    PER_HOUR,
    STACK,
    a_catalog_of_environments,
    an_environment_plan,
)
from workflows.domain.environments.planning import contact_in, contact_of, plan_environment
from workflows.domain.errors import PolicyViolated
from workflows.domain.spec import PersonSpec
from workflows.domain.values import digest_of


def test_a_plan_pins_the_text_and_each_parameter():
    plan = an_environment_plan(chosen={"Size": "large"})

    assert plan.blueprint.digest == digest_of(STACK)
    assert plan.blueprint.parameters == {"Size": "large"}
    assert plan.prices.per_hour["AWS::SQS::Queue"] == Decimal("0.2")


def test_who_chooses_nothing_gets_the_defaults():
    plan = an_environment_plan()

    assert plan.blueprint.parameters == {"Size": "small"}
    assert sum(plan.prices.per_hour.values()) == PER_HOUR


def test_the_first_warning_is_the_earliest():
    assert an_environment_plan().lease.warn_before == (timedelta(days=1), timedelta(hours=1))


def test_a_value_without_a_price_is_not_free():
    prices = [{"type": "AWS::SQS::Queue", "by": "Size", "perHourBy": {"large": "0.2"}}]

    plan = an_environment_plan(prices={"resources": prices})

    assert "AWS::SQS::Queue" not in plan.prices.per_hour


def test_restricted_data_never_goes_without_a_snapshot():
    assert an_environment_plan(dataClass="restricted").teardown.snapshot_all
    assert not an_environment_plan(dataClass="confidential").teardown.snapshot_all


def test_every_choice_that_is_not_allowed_is_named():
    with pytest.raises(PolicyViolated) as raised:
        plan_environment(
            "preview", a_catalog_of_environments(), {"Size": "huge", "Image": "other"}
        )

    assert str(raised.value).splitlines() == [
        "parameter 'Image' cannot be chosen; the template lets choose Size",
        "parameter Size: 'huge' is not one of small, large",
    ]


def test_a_template_that_is_not_there_is_named_beside_those_that_are():
    with pytest.raises(PolicyViolated, match="'review' is not in the catalog, which has preview"):
        plan_environment("review", a_catalog_of_environments(), {})


def test_the_same_request_has_the_same_digest():
    assert an_environment_plan().digest == an_environment_plan(chosen={"Size": "small"}).digest
    assert an_environment_plan().digest != an_environment_plan(chosen={"Size": "large"}).digest


def test_the_owner_is_told_where_the_catalog_says():
    catalog = a_catalog_of_environments().model_copy(
        update={
            "people": {
                "ana": PersonSpec(roles=("sre",), email="ana@shop.test"),
                "ben": PersonSpec(roles=("sre",)),
            }
        }
    )

    assert contact_of("ana", catalog) == "ana@shop.test"
    assert contact_of("ben", catalog) is None
    assert contact_of("nobody", catalog) is None


@pytest.mark.parametrize(
    ("people", "found"),
    [
        ({"ana": {"roles": ["sre"], "email": "ana@shop.test"}}, "ana@shop.test"),
        ({"ana": {"roles": ["sre"]}, "ben": {"email": "ben@shop.test"}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_so_is_the_owner_of_one_that_a_release_brings_along(people, found):
    assert contact_in({"people": people}, "ana") == found
    assert contact_in({}, "ana") is None
