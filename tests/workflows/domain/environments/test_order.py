from datetime import UTC, datetime

from tests.environments import an_environment_order
from workflows.domain.environments.census import Tag


def test_every_resource_tells_whose_it_is_why_and_until_when():
    order = an_environment_order(release="release/shop/1")

    tags = order.tags(expiry=datetime(2026, 11, 30, 12, tzinfo=UTC))

    assert tags[Tag.ENVIRONMENT] == "pr-7"
    assert tags[Tag.EXPIRY] == "2026-11-30T12:00:00Z"
    assert tags[Tag.RELEASE] == "release/shop/1"
    assert tags[Tag.DIGEST] == order.plan.blueprint.digest
    assert all(tags.values())
