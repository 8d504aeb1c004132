import pytest

from activities.deploy.ecs_naming import EcsNaming, holds
from workflows.domain.values import Artifact, arm_name, digest_of

NAMING = EcsNaming(connection="production", prefix="prod-", images="registry.internal/shop/")
BUILD = Artifact(service="checkout", version="v2", digest=digest_of("v2"))
NAME = NAMING.name("checkout", BUILD.digest)


def test_a_version_is_named_as_routers_and_metrics_name_it():
    assert f"prod-{arm_name('checkout', BUILD.digest)}" == NAME
    assert NAMING.family("checkout") == "prod-checkout"
    assert NAMING.image(BUILD) == f"registry.internal/shop/checkout@{BUILD.digest}"


@pytest.mark.parametrize(
    ("name", "service", "expected"),
    [
        (NAME, "checkout", True),
        (NAME, "check", False),
        (NAME, "checkout-" + "0" * 12, False),
        (f"{NAME}-{'0' * 12}", "checkout", False),
        (NAME.removeprefix("prod-"), "checkout", False),
        ("prod-checkout-worker", "checkout", False),
        ("prod-checkout_api-" + "0" * 12, "checkout.api", True),
        ("prod-checkoutxapi-" + "0" * 12, "checkout.api", False),
    ],
)
def test_a_name_tells_whether_it_may_be_a_version_of_a_service(name, service, expected):
    assert NAMING.may_be_version(name, service) is expected


def test_services_that_differ_in_a_dot_differ_on_ecs():
    assert NAMING.family("a.b") != NAMING.family("a-b")


def test_tags_of_others_are_no_obstacle_and_one_that_is_missing_is():
    tags = NAMING.tags(BUILD)

    assert holds({**tags, "team": "shop"}, NAMING.owned(BUILD.digest))
    assert not holds({**tags, "lockgate:connection": "staging"}, NAMING.owned(BUILD.digest))
    assert not holds({}, NAMING.owned(BUILD.digest))
