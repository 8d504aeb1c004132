from datetime import UTC, datetime

import pytest

from tests.environments import an_environment_order
from workflows.domain.environments.census import Tag, tag_value
from workflows.domain.environments.order import TeardownRule


def test_every_resource_tells_whose_it_is_why_and_until_when():
    order = an_environment_order(release="release/shop/1")

    tags = order.tags(expiry=datetime(2026, 11, 30, 12, tzinfo=UTC))

    assert tags[Tag.ENVIRONMENT] == "pr-7"
    assert tags[Tag.EXPIRY] == "2026-11-30T12:00:00Z"
    assert tags[Tag.RELEASE] == "release/shop/1"
    assert tags[Tag.DIGEST] == order.plan.blueprint.digest
    assert all(tags.values())


def test_what_is_protected_says_so_without_its_story_too():
    expiry = datetime(2026, 11, 30, 12, tzinfo=UTC)

    assert Tag.PROTECTED in an_environment_order(protected=True).tags(expiry=expiry)
    assert Tag.PROTECTED not in an_environment_order().tags(expiry=expiry)


@pytest.mark.parametrize("buckets", [True, False])
@pytest.mark.parametrize("lift", [True, False])
@pytest.mark.parametrize("everything", [True, False])
def test_how_it_ends_is_read_back_from_its_tag(buckets, lift, everything):
    rule = TeardownRule(empty_buckets=buckets, lift_protection=lift, snapshot_all=everything)

    assert TeardownRule.of_tag(rule.tag) == rule
    assert tag_value(rule.tag) == rule.tag


def test_a_snapshot_of_some_becomes_one_of_all():
    """Names of resources would not fit; more is kept than was asked for, never less."""
    assert TeardownRule.of_tag(TeardownRule(snapshots=("Orders",)).tag).snapshot_all


def test_what_a_tag_does_not_tell_loses_nothing():
    rule = TeardownRule.of_tag("something else")

    assert (rule.snapshot_all, rule.empty_buckets, rule.lift_protection) == (True, False, False)
