import pytest

from activities.connections import Connections
from workflows.domain.errors import TargetMissing
from workflows.domain.values import Provider

STAGING = Provider(type="envoy", connection="staging")


def test_a_provider_of_the_settings_is_found():
    assert Connections("router", {STAGING: "the router"})(STAGING) == "the router"


@pytest.mark.parametrize(
    "unknown",
    [Provider(type="alb", connection="staging"), Provider(type="envoy", connection="moon")],
    ids=str,
)
def test_an_unknown_type_or_connection_is_missing_and_the_known_ones_are_named(unknown):
    routers = Connections("router", {STAGING: "the router"})

    with pytest.raises(TargetMissing, match=f"router {unknown} .* have envoy/staging"):
        routers(unknown)


def test_settings_without_connections_say_so():
    with pytest.raises(TargetMissing, match="have none at all"):
        Connections("router", {})(STAGING)
